using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Fury.Sdk.Tests.Packages;

/// <summary>What a package lets others see, a line for each type and member: what a compiler, or a program that was compiled before, would miss.</summary>
internal static class PublicApi
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    public static IReadOnlyList<string> Of(Assembly assembly) =>
        [.. assembly.GetExportedTypes().SelectMany(type => Members(type).Prepend(Of(type))).Distinct().Order(StringComparer.Ordinal)];

    private static string Of(Type type)
    {
        var bases = type.IsEnum ? [Name(Enum.GetUnderlyingType(type))]
            : new[] { type.BaseType }.Where(each => each is not null && each != typeof(object) && each != typeof(ValueType))
                .Concat(type.GetInterfaces().Where(each => each.IsPublic && !IsOfRecord(each, type)))
                .Select(each => Name(each!)).Order(StringComparer.Ordinal).ToArray();
        var word = type.IsEnum ? "enum" : type.IsInterface ? "interface" : type.IsValueType ? "struct" : type is { IsAbstract: true, IsSealed: true }
            ? "static class" : type.IsAbstract ? "abstract class" : type.IsSealed ? "sealed class" : "class";
        return $"{Name(type)} = {word}{(bases.Length > 0 ? " : " : "")}{string.Join(", ", bases)}";
    }

    private static IEnumerable<string> Members(Type type) =>
        from member in type.GetMembers(All)
        where member.GetCustomAttribute<CompilerGeneratedAttribute>() is null
        let line = Of(type, member)
        where line is not null
        select $"{Name(type)}.{line}";

    private static string? Of(Type type, MemberInfo member) => member switch
    {
        FieldInfo field when type.IsEnum && field.IsLiteral => $"{field.Name} = {Convert.ToInt64(field.GetRawConstantValue(), CultureInfo.InvariantCulture)}",
        FieldInfo field when IsSeen(field) => $"{field.Name}: {Shown(Nullability.Create(field))}{(field.IsLiteral ? $" = {field.GetRawConstantValue()}" : "")}",
        PropertyInfo property when property.GetAccessors(nonPublic: true).Any(IsSeen) =>
            $"{property.Name} {{ {string.Join(' ', Accessors(property))} }}: {Shown(Nullability.Create(property))}",
        EventInfo one when IsSeen(one.AddMethod!) => $"event {one.Name}: {Name(one.EventHandlerType!)}",
        ConstructorInfo constructor when IsSeen(constructor) => $"new({Parameters(constructor)})",
        MethodInfo method when IsSeen(method) && !IsAccessor(type, method) =>
            $"{Kind(method)}{method.Name}{Generics(method)}({Parameters(method)}): {Shown(Nullability.Create(method.ReturnParameter))}",
        _ => null,
    };

    private static IEnumerable<string> Accessors(PropertyInfo property)
    {
        var required = property.GetCustomAttribute<RequiredMemberAttribute>() is null ? "" : "required ";
        if (property.GetMethod is { } get && IsSeen(get))
        {
            yield return $"{required}{Kind(get)}get;";
        }

        if (property.SetMethod is { } set && IsSeen(set))
        {
            yield return set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;";
        }
    }

    private static string Kind(MethodInfo method) => method.IsStatic ? "static "
        : method.DeclaringType!.IsInterface ? method.IsAbstract ? "" : "default "
        : method.IsFamily || method.IsFamilyOrAssembly ? $"protected {Virtual(method)}" : Virtual(method);

    private static string Virtual(MethodInfo method) => method switch
    {
        { IsAbstract: true } => "abstract ",
        { IsVirtual: true, IsFinal: false } when method.GetBaseDefinition() == method && !method.DeclaringType!.IsSealed => "virtual ",
        _ => "",
    };

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(each =>
        $"{(each.GetCustomAttribute<ParamArrayAttribute>() is null ? "" : "params ")}{Shown(Nullability.Create(each))} {each.Name}"
        + (each.HasDefaultValue ? $" = {each.DefaultValue ?? "default"}" : "")));

    private static string Generics(MethodInfo method) =>
        method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(each => each.Name))}>" : "";

    private static string Shown(NullabilityInfo info)
    {
        var name = info.Type.IsArray && info.ElementType is { } element ? Shown(element) + "[]"
            : info.Type.IsGenericType && Nullable.GetUnderlyingType(info.Type) is null
                && info.GenericTypeArguments.Length == info.Type.GetGenericArguments().Length
            ? $"{Bare(info.Type)}<{string.Join(", ", info.GenericTypeArguments.Select(Shown))}>" : Name(info.Type);
        return info.ReadState == NullabilityState.Nullable && !info.Type.IsValueType ? name + "?" : name;
    }

    private static string Name(Type type) => Nullable.GetUnderlyingType(type) is { } inner ? Name(inner) + "?"
        : type.IsGenericParameter ? type.Name
        : type.IsArray ? Name(type.GetElementType()!) + "[]"
        : type.IsByRef ? "ref " + Name(type.GetElementType()!)
        : type.IsGenericType ? $"{Bare(type)}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : Bare(type);

    /// <summary>Types of the base library by their bare names, all others in full.</summary>
    private static string Bare(Type type)
    {
        var name = type.Name.Split('`')[0];
        return type.DeclaringType is { } outer ? $"{Bare(outer)}.{name}"
            : type.Namespace!.StartsWith("Fury.", StringComparison.Ordinal) ? $"{type.Namespace}.{name}" : name;
    }

    private static bool IsSeen(MethodBase method) => method.IsPublic || ((method.IsFamily || method.IsFamilyOrAssembly) && !method.DeclaringType!.IsSealed);

    private static bool IsSeen(FieldInfo field) => field.IsPublic || ((field.IsFamily || field.IsFamilyOrAssembly) && !field.DeclaringType!.IsSealed);

    private static bool IsAccessor(Type type, MethodInfo method) => method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal)
        && type.GetProperties(All).SelectMany(each => each.GetAccessors(true))
            .Concat(type.GetEvents(All).SelectMany(each => new[] { each.AddMethod!, each.RemoveMethod! }))
            .Contains(method);

    private static bool IsOfRecord(Type one, Type type) => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IEquatable<>)
        && one.GetGenericArguments()[0] == type;
}
