namespace Fury.Sdk;

/// <summary>Why a call failed. The numbers are a contract (they are stored in metrics): none is ever given to another meaning.</summary>
public enum FuryErrorCode
{
    /// <summary>The provider said something that no code stands for.</summary>
    Unknown = 1,

    /// <summary>The service's own resource is gone: the bucket, the table, the queue. An absent key is no error.</summary>
    NotFound = 2,

    /// <summary>The condition was "only if absent", and there was something.</summary>
    AlreadyExists = 3,

    /// <summary>Another condition of the write did not hold.</summary>
    PreconditionFailed = 4,

    /// <summary>The call itself is wrong; found before any I/O.</summary>
    InvalidArgument = 5,
    PayloadTooLarge = 6,
    PermissionDenied = 7,
    Unauthenticated = 8,
    QuotaExceeded = 9,
    Throttled = 10,
    Unavailable = 11,
    Timeout = 12,

    /// <summary>The bound resource was not attested to do this; found before any I/O.</summary>
    CapabilityNotSupported = 13,

    /// <summary>What was read is not what was written.</summary>
    Corrupted = 14,

    /// <summary>The message or lock is no longer yours.</summary>
    LeaseLost = 15,

    /// <summary>A later holder of the lock has written already.</summary>
    FencedOff = 16,
    CursorExpired = 17,

    /// <summary>No provider stands behind the service (yet).</summary>
    NotBound = 18,

    /// <summary>The service was switched, and this instance has not heard of it.</summary>
    StaleBinding = 19,
    MigrationInProgress = 20,

    /// <summary>Too many others wrote the same thing at the same time.</summary>
    Aborted = 21,
    ResidencyDenied = 22,

    /// <summary>A fault of Fury's own.</summary>
    Internal = 23,
}
