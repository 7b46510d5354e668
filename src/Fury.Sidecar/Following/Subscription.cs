using Envoy.Config.Core.V3;
using Envoy.Service.Discovery.V3;
using Google.Rpc;

namespace Fury.Sidecar.Following;

/// <summary>
/// One type of resources, over one stream after another: what is wanted, what has come, and what is to be said. It holds one resource for each
/// name that is wanted. No I/O.
/// </summary>
/// <param name="isWild">Whether it also wants what the control plane finds right for its scope.</param>
internal sealed class Subscription<T>(string type, bool isWild = false)
    where T : class
{
    private const string All = "*";
    private const int InvalidArgument = 3;

    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _toSubscribe = new(StringComparer.Ordinal);
    private readonly HashSet<string> _toUnsubscribe = new(StringComparer.Ordinal);
    private readonly HashSet<string> _absent = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Version, T Value)> _held = new(StringComparer.Ordinal);
    private readonly Queue<(string Nonce, string? Error)> _answers = new();
    private Node? _node;
    private Func<string, bool>? _resume;

    /// <summary>The type's last word, for people: <c>Cluster</c>.</summary>
    public string Kind => type[(type.LastIndexOf('.') + 1)..];

    /// <summary>What the control plane sends of other names is not kept.</summary>
    public bool Wants(string name) => isWild || _names.Contains(name);

    public T? Find(string name) => _held.TryGetValue(name, out var held) ? held.Value : null;

    /// <summary>The control plane has said that there is none of this name.</summary>
    public bool IsAbsent(string name) => _absent.Contains(name);

    public void Subscribe(string name)
    {
        if (_names.Add(name))
        {
            _toUnsubscribe.Remove(name);
            _toSubscribe.Add(name);
        }
    }

    /// <summary>Its resource goes with it, unless it may also be wanted without being named.</summary>
    public void Unsubscribe(string name)
    {
        if (_names.Remove(name))
        {
            // Said also where the subscription was not: an earlier one of the name may have been.
            _toSubscribe.Remove(name);
            _toUnsubscribe.Add(name);
        }

        _absent.Remove(name);
        if (!isWild)
        {
            _held.Remove(name);
        }
    }

    public void Take(string name, string version, T value)
    {
        _held[name] = (version, value);
        _absent.Remove(name);
    }

    public void Remove(string name)
    {
        _held.Remove(name);
        if (_names.Contains(name))
        {
            _absent.Add(name);
        }
    }

    /// <summary>Answers a response, once all of it is taken in. The first answer comes first.</summary>
    /// <param name="error">Null to acknowledge it.</param>
    public void Answer(string nonce, string? error) => _answers.Enqueue((nonce, error));

    /// <summary>A new stream: everything wanted is to be said anew, with what there is from before.</summary>
    /// <param name="node">Said with the first request of the stream; null for the other types.</param>
    /// <param name="resume">Whether what is held of a name may be named: it must be in force, since the control plane takes it for acknowledged.</param>
    public void Open(Node? node, Func<string, bool> resume)
    {
        _answers.Clear();
        _toUnsubscribe.Clear();
        _toSubscribe.Clear();
        _toSubscribe.UnionWith(_names);
        (_node, _resume) = (node, resume);
    }

    /// <summary>The next request, or null when there is nothing to say.</summary>
    public DeltaDiscoveryRequest? Next()
    {
        // A first request that names nothing would ask for everything.
        var isFirst = _resume is not null;
        if (_toSubscribe.Count == 0 && _toUnsubscribe.Count == 0 && _answers.Count == 0 && !(isFirst && isWild))
        {
            return null;
        }

        var request = new DeltaDiscoveryRequest { TypeUrl = type };
        if (isFirst)
        {
            request.Node = _node;
            request.InitialResourceVersions.Add(
                _held.Where(held => _resume!(held.Key)).ToDictionary(held => held.Key, held => held.Value.Version));
            if (isWild)
            {
                request.ResourceNamesSubscribe.Add(All);
            }

            (_node, _resume) = (null, null);
        }

        if (_answers.TryDequeue(out var answer))
        {
            request.ResponseNonce = answer.Nonce;
            request.ErrorDetail = answer.Error is null ? null : new Status { Code = InvalidArgument, Message = answer.Error };
        }

        request.ResourceNamesSubscribe.Add(_toSubscribe);
        request.ResourceNamesUnsubscribe.Add(_toUnsubscribe);
        _toSubscribe.Clear();
        _toUnsubscribe.Clear();
        return request;
    }
}
