using System.Reflection;
using System.Xml.Linq;

namespace Fury.Architecture.Tests;

/// <summary>A project as the rules see it: its name, what it points at, what it shows.</summary>
internal sealed record Room(string Name, IReadOnlySet<string> References, IReadOnlyList<Type> PublicTypes);

/// <summary>A file as the tidy rules see it. The path is relative to the root and has forward slashes.</summary>
internal sealed record SourceFile(string Path, IReadOnlyList<string> Lines);

/// <summary>Reads the house as it stands: the project files, the built assemblies, the sources.</summary>
internal static class House
{
    private static readonly string[] SourceEndings = [".cs", ".sql", ".md", ".sh", "dev", "run"];
    private static readonly string[] Generated = ["/bin/", "/obj/", "/node_modules/", "/data/", "/artifacts/", "/.git/", "/TestResults/"];

    public static string Root { get; } = FindRoot(AppContext.BaseDirectory);

    public static IReadOnlyList<Room> Rooms { get; } = [.. Projects().Select(Read)];

    public static IEnumerable<SourceFile> Sources() =>
        from path in Directory.EnumerateFiles(Root, "*", SearchOption.AllDirectories)
        let name = "/" + Path.GetRelativePath(Root, path).Replace('\\', '/')
        where SourceEndings.Any(name.EndsWith) && !Generated.Any(name.Contains)
        orderby name
        select new SourceFile(name[1..], File.ReadAllLines(path));

    public static Assembly Load(string room) => Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, room + ".dll"));

    private static IEnumerable<string> Projects() =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories).Order();

    private static Room Read(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        var xml = XDocument.Load(project);
        var references = xml.Descendants("ProjectReference")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))
            .ToHashSet();
        var assembly = xml.Descendants("AssemblyName").FirstOrDefault()?.Value ?? name;
        return new Room(name, references, Load(assembly).GetExportedTypes());
    }

    private static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "Fury.sln"))
            ? folder
            : FindRoot(Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Fury.sln is not above the tests."));
}
