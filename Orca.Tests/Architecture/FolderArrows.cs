using System.Reflection;
using System.Reflection.Emit;

namespace Orca.Tests.Architecture;

/// <summary>Which folders of a project use types of which others, by what is compiled: signatures, fields and the instructions of methods.</summary>
/// <remarks>A folder is a namespace. Constants leave no trace in the instructions that use them. Types of the project's own folder, which put services together, are left out.</remarks>
internal static class FolderArrows
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> s_codes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(static field => (OpCode)field.GetValue(null)!).ToDictionary(static code => code.Value);

    /// <summary>Returns the folders that each folder uses, both in order.</summary>
    public static SortedDictionary<string, SortedSet<string>> Of(Assembly assembly, string root)
    {
        var arrows = new SortedDictionary<string, SortedSet<string>>(StringComparer.Ordinal);
        foreach (var type in assembly.GetTypes())
        {
            if (Folder(type, root) is not { } from)
            {
                continue;
            }

            foreach (var used in Used(type).SelectMany(Parts).Where(one => one.Assembly == assembly))
            {
                if (Folder(used, root) is { } to && to != from)
                {
                    (arrows.TryGetValue(from, out var targets) ? targets : arrows[from] = new(StringComparer.Ordinal)).Add(to);
                }
            }
        }

        return arrows;
    }

    /// <summary>Returns the groups of folders in which each uses each, on some way.</summary>
    public static List<string[]> Knots(SortedDictionary<string, SortedSet<string>> arrows)
    {
        var knots = new List<string[]>();
        foreach (var folder in arrows.Keys)
        {
            if (!knots.Exists(knot => knot.Contains(folder)))
            {
                string[] knot = [.. arrows.Keys.Where(other => other == folder || (Reaches(folder, other) && Reaches(other, folder)))];
                if (knot.Length > 1)
                {
                    knots.Add(knot);
                }
            }
        }

        return knots;

        bool Reaches(string from, string to)
        {
            var (seen, open) = (new HashSet<string>(), new Stack<string>([from]));
            while (open.TryPop(out var next))
            {
                foreach (var target in arrows.TryGetValue(next, out var targets) ? targets : [])
                {
                    if (target == to)
                    {
                        return true;
                    }

                    if (seen.Add(target))
                    {
                        open.Push(target);
                    }
                }
            }

            return false;
        }
    }

    private static string? Folder(Type type, string root) =>
        type.Namespace is { } space && space.StartsWith(root + ".", StringComparison.Ordinal) ? space[(root.Length + 1)..].Replace('.', '/') : null;

    private static IEnumerable<Type> Used(Type type)
    {
        IEnumerable<Type?> used = [type.BaseType, .. type.GetInterfaces(), .. type.GetFields(All).Select(static field => field.FieldType)];
        foreach (var method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
        {
            used = used.Concat(method.GetParameters().Select(static one => one.ParameterType)).Append((method as MethodInfo)?.ReturnType).Concat(InBody(type, method));
        }

        return used.OfType<Type>();
    }

    private static IEnumerable<Type?> InBody(Type type, MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
        {
            yield break;
        }

        foreach (var local in body.LocalVariables)
        {
            yield return local.LocalType;
        }

        var (bytes, at) = (body.GetILAsByteArray()!, 0);
        var (ofType, ofMethod) = (type.IsGenericType ? type.GetGenericArguments() : null, method.IsGenericMethod ? method.GetGenericArguments() : null);
        while (at < bytes.Length)
        {
            var code = s_codes[bytes[at] == 0xfe ? unchecked((short)(0xfe00 | bytes[at + 1])) : bytes[at]];
            at += code.Size;
            if (code.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                var member = type.Module.ResolveMember(BitConverter.ToInt32(bytes, at), ofType, ofMethod);
                yield return member as Type ?? member?.DeclaringType;
                foreach (var argument in member is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericArguments() : [])
                {
                    yield return argument;
                }
            }

            at += code.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(bytes, at)),
                _ => 4,
            };
        }
    }

    /// <summary>Returns a type with what it is made of: elements, arguments.</summary>
    private static IEnumerable<Type> Parts(Type type) => type.HasElementType ? Parts(type.GetElementType()!)
        : type.IsConstructedGenericType ? type.GetGenericArguments().SelectMany(Parts).Append(type.GetGenericTypeDefinition())
        : [type];
}
