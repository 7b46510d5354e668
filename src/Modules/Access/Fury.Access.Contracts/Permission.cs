namespace Fury.Access.Contracts;

/// <summary>What can be allowed. The list is closed: every route of the API needs one of these.</summary>
public enum Permission
{
    /// <summary>See it: its settings, status, events and logs.</summary>
    View,

    /// <summary>Register a version.</summary>
    CreateVersion,

    /// <summary>Start, steer and stop deployments, and run jobs.</summary>
    Deploy,

    /// <summary>Go back to an older release, without the right to deploy a new one.</summary>
    Rollback,

    /// <summary>Change how many replicas run.</summary>
    Scale,

    /// <summary>Change settings: of scopes, services, schedules, traffic.</summary>
    Config,

    /// <summary>Write secrets.</summary>
    Secrets,

    /// <summary>Set and lift freezes, pins and vetoes.</summary>
    Freeze,

    /// <summary>Approve or reject what others have asked for.</summary>
    Approve,

    /// <summary>Run commands inside of replicas.</summary>
    Exec,

    /// <summary>Work on the platform itself: clusters, proxies, sagas, the audit trail.</summary>
    Operate,

    /// <summary>Decide who may do what, and what the platform tells others.</summary>
    Administer,
}
