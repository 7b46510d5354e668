using System.Net;
using System.Xml.Linq;
using Fury.Testing.Aws;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Fury.Testing;

/// <summary>
/// AWS in this process, on a port of the loopback: EC2, EKS, the token service and the metadata service of an instance, as far as Fury calls them, and strict.
/// It computes each signature anew, knows which fields there are, and refuses what the real ones would. Instances are addresses and nothing behind them.
/// </summary>
public sealed partial class FakeAws : IAsyncDisposable
{
    /// <summary>Images, one of each architecture, and a security group, of all regions.</summary>
    public const string ImageAmd64 = Ec2Run.ImageAmd64;

    /// <inheritdoc cref="ImageAmd64"/>
    public const string ImageArm64 = Ec2Run.ImageArm64;

    /// <inheritdoc cref="ImageAmd64"/>
    public const string SecurityGroup = Ec2Run.SecurityGroup;

    /// <summary>What the roles of the fake take for a web identity.</summary>
    public const string WebIdentity = StsService.WebIdentity;

    private readonly WebApplication _web;
    private readonly AwsIdentities _identities = new(TimeProvider.System);
    private readonly AwsPages _pages = new();
    private readonly Ec2World _world = new(TimeProvider.System);
    private readonly AwsSignatures _signatures;
    private readonly Ec2Run _run;
    private readonly Ec2Instances _instances;
    private readonly Ec2Types _types;
    private readonly StsService _sts;
    private readonly EksService _eks = new();
    private readonly ImdsService _imds;
    private readonly Random _chance = new(17);

    private FakeAws()
    {
        _signatures = new(_identities, TimeProvider.System);
        (_run, _instances, _types) = (new(_world), new(_world, _pages), new(_pages, TimeProvider.System));
        (_sts, _imds) = (new(_identities), new(_identities));
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Logging.ClearProviders();
        _web = builder.Build();
        _web.Run(Answer);
    }

    public Uri Address => new(_web.Urls.First());

    /// <summary>The id of the subnet that each zone has.</summary>
    public static string Subnet(string zone) => Ec2Run.Subnet(zone);

    public static async Task<FakeAws> Start()
    {
        var fake = new FakeAws();
        await fake._web.StartAsync();
        return fake;
    }

    /// <summary>Credentials of a user, which have no end.</summary>
    public AwsKeys User(string name) => _identities.User(name);

    /// <summary>Credentials that end.</summary>
    public AwsKeys Session(string arn, TimeSpan? life = null) => _identities.Session(arn, life);

    /// <summary>A role that may be taken on.</summary>
    public void Role(string arn, string? externalId = null) => _sts.Roles[arn] = externalId;

    public void Cluster(string name, string version) => _eks.Add(name, version);

    /// <summary>Upgrades under way end: well, unless told otherwise.</summary>
    public void EndUpgrades(bool badly = false) => _eks.End(badly);

    /// <summary>The instance that the test is supposed to run on has a role.</summary>
    public bool HasInstanceRole
    {
        get => _imds.HasRole;
        set => _imds.HasRole = value;
    }

    /// <summary>What the instance was given to boot with.</summary>
    public string UserDataOf(string id)
    {
        lock (_world.Lock)
        {
            return _world.One(id).UserData;
        }
    }

    public async ValueTask DisposeAsync() => await _web.DisposeAsync();

    private async Task Answer(HttpContext context)
    {
        if (IsDown)
        {
            context.Abort();
            return;
        }

        var call = await AwsCall.Read(context);
        if (call.Path.StartsWith("/latest/", StringComparison.Ordinal))
        {
            var (status, text) = _imds.Answer(call);
            await Write(context, status, "text/plain", text);
            return;
        }

        try
        {
            await Answer(context, call);
        }
        catch (AwsRefusal refusal)
        {
            await Refuse(context, call, refusal);
        }
    }

    private async Task Answer(HttpContext context, AwsCall call)
    {
        var isEks = call.Path.StartsWith("/clusters/", StringComparison.Ordinal);
        if (!isEks && call.Method == "POST" && AwsCall.Pairs(call.Text).Contains(new("Action", "AssumeRoleWithWebIdentity")))
        {
            // Whoever has no credentials yet cannot sign; the token is the proof.
            await Write(context, 200, "text/xml", _sts.AssumeRoleWithWebIdentity(Form(call, out _, "2011-06-15")).ToString());
            return;
        }

        var caller = _signatures.Check(call);
        var service = isEks ? "eks" : ServiceOf(call);
        if (caller.Service != service || !Ec2World.Regions.Contains(caller.Region))
        {
            throw new AwsRefusal(403, "SignatureDoesNotMatch", $"Credential should be scoped to service {service} and to a region that there is.");
        }

        ThrowIfUnwell(service);
        await Enter(context, call, caller);
        if (isEks)
        {
            await Write(context, 200, "application/json", _eks.Answer(call).ToJsonString());
            return;
        }

        var answer = service == "sts" ? Sts(call, caller) : Ec2(call, caller.Region);
        if (answer.Name.LocalName == "RunInstancesResponse" && TakeLostAnswer())
        {
            context.Abort();
            return;
        }

        await Write(context, 200, "text/xml;charset=UTF-8", answer.ToString());
    }

    private XElement Ec2(AwsCall call, string region)
    {
        var form = Form(call, out var action, "2016-11-15");
        return action switch
        {
            "RunInstances" => _run.Run(region, form),
            "DescribeInstances" => _instances.Describe(region, form),
            "TerminateInstances" => _instances.Terminate(region, form),
            "DescribeInstanceTypes" => _types.Describe(form),
            "DescribeInstanceTypeOfferings" => _types.Offerings(region, form),
            "DescribeSpotPriceHistory" => _types.SpotPrices(region, form),
            _ => throw new AwsRefusal(400, "InvalidAction", $"The action {action} is not valid for this web service."),
        };
    }

    private XElement Sts(AwsCall call, AwsCaller caller) => call.Method == "GET"
        ? StsService.WhoAmI(caller)
        : Form(call, out var action, "2011-06-15") is { } form && action == "AssumeRole"
            ? _sts.AssumeRole(form)
            : throw new AwsRefusal(400, "InvalidAction", $"The action {action} is not valid for this web service.");

    private static AwsForm Form(AwsCall call, out string action, string version)
    {
        var form = new AwsForm(call);
        action = form.Need("Action");
        return form.Need("Version") == version
            ? form
            : throw new AwsRefusal(400, "InvalidParameterValue", $"The version must be {version}.");
    }

    private static string ServiceOf(AwsCall call) => AwsCall.Pairs(call.Method == "GET" ? call.Query : call.Text).ToLookup(pair => pair.Key, pair => pair.Value)
        ["Version"].FirstOrDefault() == "2011-06-15" ? "sts" : "ec2";

    private static async Task Refuse(HttpContext context, AwsCall call, AwsRefusal refusal)
    {
        if (call.Path.StartsWith("/clusters/", StringComparison.Ordinal))
        {
            context.Response.Headers["x-amzn-ErrorType"] = $"{refusal.Code}:http://internal.amazon.com/coral/com.amazon.coral.service/";
            await Write(context, refusal.Status, "application/json", new System.Text.Json.Nodes.JsonObject { ["message"] = refusal.Message }.ToJsonString());
            return;
        }

        var isSts = ServiceOf(call) == "sts";
        await Write(context, refusal.Status, "text/xml;charset=UTF-8", (isSts ? StsService.Error(refusal) : Ec2Xml.Error(refusal)).ToString());
    }

    private static async Task Write(HttpContext context, int status, string type, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        await context.Response.WriteAsync(text);
    }
}
