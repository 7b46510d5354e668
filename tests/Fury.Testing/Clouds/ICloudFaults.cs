namespace Fury.Testing;

/// <summary>What happens to a cloud that is made in a test: each strict fake can be told all of it. Ids and zones are as its provider names them.</summary>
public interface ICloudFaults
{
    /// <summary>Instances that were ever made, whether anybody heard of them or not.</summary>
    int Made { get; }

    /// <summary>The part of the calls that are refused as too many, 0 to 1, in the cloud's own words. Which ones is a matter of a fixed seed.</summary>
    double ThrottleShare { get; set; }

    /// <summary>Limits and latencies as real ones have them; null: none.</summary>
    CloudTraffic? Traffic { get; set; }

    /// <summary>The bucket of <see cref="Traffic"/> that creations are counted in, one by one or by the request.</summary>
    string CreationBucket { get; }

    /// <summary>How long after it was made an instance is in no list and no description, and ending it finds nothing.</summary>
    TimeSpan VisibleAfter { get; set; }

    /// <summary>Instances that the account may still have in the region, of all types; null: any number.</summary>
    int? QuotaLeft { get; set; }

    /// <summary>Instances or types that one page of a list holds at most.</summary>
    int PageMax { get; set; }

    /// <summary>True: every connection is cut before it is answered.</summary>
    bool IsDown { get; set; }

    /// <summary>True: the service answers, and only that it is broken (5xx).</summary>
    bool IsBroken { get; set; }

    /// <summary>Room for so many more instances in the zone, whatever their type; 0 is "no capacity".</summary>
    void Room(string zone, int instances);

    /// <summary>The next creations are done, and cut off before they are answered.</summary>
    void LoseAnswers(int creations);

    /// <summary>It dies by itself, as a machine does.</summary>
    void Kill(string id);

    /// <summary>A spot instance is taken back, now.</summary>
    void TakeBack(string id);

    /// <summary>What was given out as credentials so far is not taken any more; who asks for new ones gets them.</summary>
    void ExpireCredentials();

    /// <summary>No credentials are taken any more, and new ones neither.</summary>
    void RevokeCredentials();
}
