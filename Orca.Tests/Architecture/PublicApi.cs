using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orca.Tests.Architecture;

/// <summary>Writes down what an assembly shows: one line for each type and member, sorted.</summary>
internal static class PublicApi
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    public static IEnumerable<string> Describe(Assembly assembly)
        => assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal)
            .SelectMany(type => Members(type).Order(StringComparer.Ordinal).Prepend(Head(type)));

    private static string Head(Type type)
    {
        var kind = type switch
        {
            { IsEnum: true } => "enum",
            { IsInterface: true } => "interface",
            { IsValueType: true } => "struct",
            { IsAbstract: true, IsSealed: true } => "static class",
            { IsAbstract: true } => "abstract class",
            { IsSealed: true } => "sealed class",
            _ => "class",
        };
        var bases = (type.BaseType is { } parent && parent != typeof(object) && !type.IsValueType ? [parent] : Type.EmptyTypes)
            .Concat(type.IsEnum ? [] : type.GetInterfaces().Where(one => one.Assembly == type.Assembly))
            .Select(CSharp.Name).ToList();
        return $"{kind} {CSharp.Name(type)}" + (bases.Count > 0 ? " : " + string.Join(", ", bases) : "");
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type).Select(name => $"    {name} = {Convert.ToInt64(Enum.Parse(type, name), null)}");
        }

        return type.GetMembers(Declared).Where(Visible).Where(Written).Select(member => "    " + CSharp.Member(member));
    }

    private static bool Visible(MemberInfo member) => member switch
    {
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(true).Any(Visible),
        EventInfo one => Visible(one.AddMethod!),
        _ => false,
    };

    // What the compiler adds to a record says nothing that the word 'record' would not.
    private static bool Written(MemberInfo member)
        => member.GetCustomAttribute<CompilerGeneratedAttribute>() is null
            && !member.Name.Contains('<', StringComparison.Ordinal)
            && member is not MethodInfo { IsSpecialName: true, Name: not ("op_Implicit" or "op_Explicit") }
            && member is not MethodBase { Name: "Finalize" };
}
