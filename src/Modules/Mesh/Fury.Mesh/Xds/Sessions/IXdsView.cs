namespace Fury.Mesh.Xds;

/// <summary>What there is for one client: resources in its dialect, and which of them "all" means for it.</summary>
internal interface IXdsView
{
    XdsResource? Find(XdsType type, string name);

    /// <summary>Whether the resource is among those that a client of this scope is sent without naming them.</summary>
    bool IsForAll(XdsType type, string name);

    IEnumerable<string> AllNames(XdsType type);
}
