namespace Fury.Sdk;

public enum ServiceKind
{
    Objects = 1,
    KeyValue = 2,
    Queue = 3,
    Topic = 4,
    Stream = 5,
    Cache = 6,
    Secrets = 7,
    Configuration = 8,
    Locks = 9,
    Sequences = 10,
}
