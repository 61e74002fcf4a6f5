using System.Reflection;
using System.Runtime.CompilerServices;
using NUnit.Framework;

namespace Orca.Tests.Architecture;

/// <summary>A name says what a thing does; a namespace says where it lives.</summary>
public sealed class NamingTests
{
    private const string Facade = "Orca.Core/Facade/"; // what a program that embeds orca names: 'using Orca' is enough for it
    private const string Testing = "Orca.Tests/Testing"; // packages of their own
    private static readonly string[] Projects = ["Orca.Core", "Orca.Registry", "Orca.Sandbox", "Orca.Testing", "Orca.Testing.NUnit", "Orca.Testing.Xunit"];

    [Test]
    public void Type_HasNoEmptySuffix(
        [Values("Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Service", "Impl")] string suffix)
        => Assert.That(Types().Where(type => type.Name.EndsWith(suffix, StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void Interface_IsAPromiseOfAtMostSixMembers()
        => Assert.That(
            Types().Where(type => type.IsInterface && type.GetMethods().Length > 6).Select(type => $"{type.FullName}: {type.GetMethods().Length}"),
            Is.Empty);

    [Test]
    public void Class_IsSealedUnlessItIsMadeToBeDerivedFrom()
    {
        var all = Types().ToList();
        var open = all.Where(type => type is { IsClass: true, IsSealed: false, IsAbstract: false })
            .Where(type => !all.Any(other => other.BaseType == type));
        Assert.That(open, Is.Empty);
    }

    [Test]
    public void Namespace_EqualsTheFolder()
    {
        var strays = Repository.Sources(".cs").Where(path => !path.StartsWith("Orca.Tests/Fixtures/", StringComparison.Ordinal))
            .Select(path => (path, expected: path.StartsWith(Facade, StringComparison.Ordinal) ? "Orca" : path.StartsWith(Testing, StringComparison.Ordinal) ? "Orca." + Path.GetFileName(Path.GetDirectoryName(path)) : Path.GetDirectoryName(path)!.Replace('/', '.')))
            .Where(file => Namespace(file.path) is { } found && found != file.expected);
        Assert.That(strays, Is.Empty);
    }

    private static string? Namespace(string path)
    {
        const string Keyword = "namespace ";
        var line = File.ReadLines(Path.Combine(Repository.Root, path)).FirstOrDefault(line => line.StartsWith(Keyword, StringComparison.Ordinal));
        return line?[Keyword.Length..].TrimEnd(';', ' ');
    }

    private static IEnumerable<Type> Types()
        => Projects.SelectMany(name => Assembly.Load(name).GetTypes())
            .Where(type => type.FullName!.StartsWith("Orca.", StringComparison.Ordinal))
            .Where(type => !type.Name.Contains('<', StringComparison.Ordinal) && type.GetCustomAttribute<CompilerGeneratedAttribute>() is null)
            .Where(type => type.DeclaringType is null || !type.DeclaringType.Name.Contains('<', StringComparison.Ordinal));
}
