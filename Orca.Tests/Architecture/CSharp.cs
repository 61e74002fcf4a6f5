using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orca.Tests.Architecture;

/// <summary>Spells types and members nearly as the language does.</summary>
internal static class CSharp
{
    public static string Member(MemberInfo member) => member switch
    {
        ConstructorInfo constructor => $"new({Parameters(constructor)})",
        MethodInfo method => $"{Static(method)}{Name(method.ReturnType)} {method.Name}{Arguments(method.GetGenericArguments())}({Parameters(method)})",
        PropertyInfo property => $"{Static(property.GetAccessors(true)[0])}{Name(property.PropertyType)} {property.Name} {{ {Accessors(property)}}}",
        FieldInfo field => $"{(field.IsLiteral ? "const " : field.IsStatic ? "static " : "")}{Name(field.FieldType)} {field.Name}"
            + (field.IsLiteral ? $" = {field.GetRawConstantValue()}" : ""),
        EventInfo one => $"event {Name(one.EventHandlerType!)} {one.Name}",
        _ => member.Name,
    };

    public static string Name(Type type)
    {
        if (type.IsByRef)
        {
            return "ref " + Name(type.GetElementType()!);
        }

        if (type.IsArray || type.IsPointer)
        {
            return Name(type.GetElementType()!) + (type.IsArray ? "[]" : "*");
        }

        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            return Name(value) + "?";
        }

        var name = type.Name.Split('`')[0];
        var own = type is { IsGenericType: true } ? type.GetGenericArguments() : [];
        var scope = type.IsGenericParameter ? "" : type.DeclaringType is { } outer ? Name(outer) + "."
            : type.Namespace!.StartsWith("Orca.", StringComparison.Ordinal) ? type.Namespace + "." : "";
        return scope + name + Arguments(own);
    }

    private static string Arguments(Type[] types) => types.Length == 0 ? "" : $"<{string.Join(", ", types.Select(Name))}>";

    private static string Static(MethodInfo method) => method.IsStatic ? "static " : "";

    private static string Parameters(MethodBase method)
        => string.Join(", ", method.GetParameters().Select(one => $"{Name(one.ParameterType)} {one.Name}" + (one.IsOptional ? " = default" : "")));

    private static string Accessors(PropertyInfo property)
    {
        var text = property.GetMethod is { IsPublic: true } or { IsFamily: true } ? "get; " : "";
        if (property.SetMethod is { IsPublic: true } or { IsFamily: true })
        {
            var once = property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
            text += once ? "init; " : "set; ";
        }

        return text;
    }
}
