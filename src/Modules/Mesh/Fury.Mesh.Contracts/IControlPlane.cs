namespace Fury.Mesh.Contracts;

/// <summary>The mesh of this process, as proxies reach it.</summary>
public interface IControlPlane
{
    /// <summary>Where it serves xDS and load reports; before it has started, where it is to.</summary>
    Uri Address { get; }
}
