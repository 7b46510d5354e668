using System.Data;
using System.Reflection;
using Dapper;
using Fury.Kernel;

namespace Fury.Hosting;

/// <summary>
/// Teaches Dapper typed ids (as <c>uuid</c>), names and <see cref="ScopeRef"/> (as <c>text</c>), and snake_case columns. Its tables of handlers belong
/// to the process, so this is the one place that writes them.
/// </summary>
internal static class DapperTypes
{
    private static readonly Lock Gate = new();
    private static readonly HashSet<Assembly> Known = [];

    /// <summary>Adds a handler for every id and name of these assemblies. Doing it twice changes nothing.</summary>
    public static void Add(IEnumerable<Assembly> assemblies)
    {
        lock (Gate)
        {
            DefaultTypeMap.MatchNamesWithUnderscores = true;
            foreach (var assembly in assemblies.Where(Known.Add))
            {
                foreach (var type in assembly.GetTypes().Where(type => type.IsValueType))
                {
                    if (Implements(type, typeof(IId<>)))
                    {
                        AddHandler(type, typeof(IdHandler<>));
                    }
                    else if (Implements(type, typeof(IName<>)))
                    {
                        AddHandler(type, typeof(NameHandler<>));
                    }
                }
            }

            SqlMapper.AddTypeHandler(new ScopeRefHandler());
        }
    }

    private static bool Implements(Type type, Type open) =>
        type.GetInterfaces().Any(face => face.IsGenericType && face.GetGenericTypeDefinition() == open);

    private static void AddHandler(Type type, Type handler) =>
        SqlMapper.AddTypeHandler(type, (SqlMapper.ITypeHandler)Activator.CreateInstance(handler.MakeGenericType(type))!);

    private sealed class IdHandler<T> : SqlMapper.TypeHandler<T>
        where T : struct, IId<T>
    {
        public override T Parse(object value) => T.From((Guid)value);

        public override void SetValue(IDbDataParameter parameter, T value) => (parameter.DbType, parameter.Value) = (DbType.Guid, value.Value);
    }

    private sealed class NameHandler<T> : SqlMapper.TypeHandler<T>
        where T : struct, IName<T>
    {
        public override T Parse(object value) => T.Parse((string)value);

        public override void SetValue(IDbDataParameter parameter, T value) => (parameter.DbType, parameter.Value) = (DbType.String, value.Value);
    }

    private sealed class ScopeRefHandler : SqlMapper.TypeHandler<ScopeRef>
    {
        public override ScopeRef Parse(object value) => ScopeRef.Parse((string)value);

        public override void SetValue(IDbDataParameter parameter, ScopeRef? value) =>
            (parameter.DbType, parameter.Value) = (DbType.String, value is null ? DBNull.Value : value.ToString());
    }
}
