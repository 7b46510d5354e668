namespace Fury.Sdk.Gateway;

/// <summary>
/// How the SDK speaks to the platform's gateway, whole. One call of a driver is one
/// <c>POST {FURY_PLATFORM}/api/v1/runtime/gateway/{kind}/{operation}</c> with the scope's workload token as bearer, <c>Fury-Service</c> (the name of the
/// service) and <c>Fury-Epoch</c> (that of the binding by which is asked); of a subscription with a filter also <c>Fury-Filter</c> (a frame whose one field is
/// the map of its attributes, in base 64). Body and answer are frames: the length of the fields (32 bits, little-endian), the
/// fields, and for objects the bytes of the object up to the end. Fields are numbers (64 bits, little-endian; times in ticks of 100 ns, UTC), text and bytes
/// (varint of the length and one, 0 for null; UTF-8), yes or no (a byte), lists and maps (a varint of how many). A field that may be null begins with a byte.
/// <code>
/// any            describe         -> capabilities (name, level), limits (name, number), attested at?; opens what stands behind the service
///                probe            -> nothing
/// key-value      get              key, consistency -> item?
///                get-many         keys, consistency -> item? each
///                write            step -> applied, revision?
///                transact         steps -> revision? each, or nothing
///                scan             partition, prefix, after?, limit -> items
///                keys             from?, limit -> keys, next?
/// objects        head             key -> properties?
///                open             key, offset, length? -> properties?, and the bytes
///                put              key, headers, sha256, condition, and the bytes -> applied, properties?
///                begin-upload     key, headers -> upload
///                upload-part      key, upload, number, and the bytes -> tag
///                commit-upload    key, upload, tags, sha256, condition -> applied, properties?
///                abort-upload     key, upload -> nothing
///                delete           key, condition -> yes or no?
///                copy             source, target, condition -> applied, properties?
///                list             prefix, delimiter?, after?, limit -> items
///                access-url       key, access, lifetime, content type? -> address, method, headers, expires at
/// queue          send             message -> was a duplicate
///                receive          side, max, lease, wait -> deliveries
///                complete         side, token -> nothing
///                abandon          side, token, delay -> nothing
///                dead-letter      token, reason -> nothing
///                redrive          token -> nothing
///                renew            side, token, lease -> lease's end
///                depth            -> visible?, leased?, delayed?, dead-lettered?
/// topic          publish          message -> was a duplicate
/// stream         partitions       -> names
///                append           key, body, headers -> position
///                read             partition, after, max, wait -> records
///                claim            group, partition, member, lease -> generation and checkpoint?
///                release          group, partition, member -> nothing
///                checkpoint       group, partition, generation, position -> kept
/// cache          get              key -> value?
///                set              key, value, life, tags -> nothing
///                remove           key -> nothing
///                remove-by-tag    tag -> nothing
///                increment        key, by, life -> sum
///                watch            positions by log, wait -> log, position, whether all may have changed, key? and tag? each that have
/// locks          acquire          resource, owner, lease -> counter and lease's end?
///                renew            resource, owner, lease -> lease's end?
///                release          resource, owner -> nothing
///                peek             resource -> lease's end?
///                raise            resource, floor -> nothing
/// sequences      reserve          sequence, count -> first
///                peek             sequence -> highest
///                raise            sequence, floor -> nothing
/// secrets        get              name, version? -> version, value, created at, or nothing
///                add              name, value -> version
///                list             after?, limit -> names
///                encrypt          key, plaintext, associated data -> ciphertext
///                decrypt          key, ciphertext, associated data -> plaintext?
/// configuration  get              -> version, sections
///                wait             version, at most -> nothing
/// </code>
/// What waits for something waits for <see cref="WaitMax"/> at most, and answers then that there was nothing. A cache has a log of changes in each host that
/// is asked: whoever asks says up to where he knows those that he has met, and to whom another one answers for the first time, all may have changed.
/// 200 is an answer. Any other status with this content type is a failure: code, message, transient, outcome unknown, retry after?, provider's code?,
/// request id?. 409 is a binding of another epoch, found before anything was asked of the provider; 401 (no frame) a token of nobody. Numbers of codes,
/// levels, rules and sides are those of the SDK's enumerations, which are frozen.
/// </summary>
internal static class GatewayProtocol
{
    /// <summary>The driver and the transport, as bindings name them.</summary>
    public const string Name = "gateway";

    public const string Path = "/api/v1/runtime/gateway/";

    public const string ServiceHeader = "Fury-Service";

    public const string EpochHeader = "Fury-Epoch";

    public const string FilterHeader = "Fury-Filter";

    public const string ContentType = "application/vnd.fury.gateway";

    public const string Describe = "describe";

    public const string Probe = "probe";

    /// <summary>Of the fields of one frame: a transaction of 25 values of 256 KiB, and of an answer 500 of them.</summary>
    public const int FieldsMax = 160 << 20;

    /// <summary>Of the fields of a request.</summary>
    public const int RequestFieldsMax = 8 << 20;

    /// <summary>Of all attributes of a filter, with room for how they are written.</summary>
    public const int FilterBytesMax = 12 << 10;

    /// <summary>Logs of changes that whoever watches a cache remembers: one for each host that has answered.</summary>
    public const int LogsMax = 32;

    /// <summary>Of one part of an object, which a driver is given whole: objects have up to 117 GiB so.</summary>
    public const int PartMax = 64 << 20;

    /// <summary>The longest wait for an answer.</summary>
    public static TimeSpan WaitMax { get; } = TimeSpan.FromSeconds(30);
}
