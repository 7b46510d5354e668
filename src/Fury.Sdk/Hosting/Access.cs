namespace Fury.Sdk;

/// <summary>What an application does with a service, so that the platform lets it do no more.</summary>
[Flags]
public enum Access
{
    None = 0,
    Read = 1,
    Write = 2,
    Delete = 4,
    Consume = 8,
    Publish = 16,
    Manage = 32,
    ReadWrite = Read | Write | Delete,
}
