using Orca.Registry.Layers;

namespace Orca.Tests.Registry.Layers;

/// <summary>What one entry of a generated layer is; names need no escaping.</summary>
internal sealed record ModelEntry(char Kind, string Name, string Target, int Number)
{
    public override string ToString() => $"{Kind} {Name}{(Target.Length > 0 ? " -> " + Target : "")} #{Number}";
}

/// <summary>Layers applied in memory, as simply as the rules can be said; the flattener must come to the same trees.</summary>
/// <remarks>An inode is an object; a directory maps names to inodes. "Touched" is a set of true paths, as the rules have it.</remarks>
internal sealed class LayerModel
{
    private readonly Node _root = new('d', "755");
    private readonly HashSet<string> _touched = new(StringComparer.Ordinal);

    private sealed class Node(char kind, string text)
    {
        internal char Kind { get; } = kind;

        internal string Text { get; set; } = text;

        internal SortedDictionary<string, Node> Children { get; } = new(StringComparer.Ordinal);
    }

    /// <summary>Applies a layer; false when it must be refused.</summary>
    internal bool Apply(IEnumerable<ModelEntry> layer)
    {
        _touched.Clear();
        return layer.All(Apply);
    }

    internal SortedDictionary<string, string> List()
    {
        var list = new SortedDictionary<string, string>(StringComparer.Ordinal) { ["."] = $"d {_root.Text}" };
        Add(_root, "", list);
        return list;
    }

    private static void Add(Node node, string prefix, SortedDictionary<string, string> list)
    {
        foreach (var (name, child) in node.Children)
        {
            list[prefix + name] = $"{child.Kind} {child.Text}";
            Add(child, $"{prefix}{name}/", list);
        }
    }

    private bool Apply(ModelEntry entry)
    {
        var path = new LayerPath();
        path.Set(LayerBench.Utf8(entry.Name));
        var (name, parentPath) = (System.Text.Encoding.UTF8.GetString(path.Name), System.Text.Encoding.UTF8.GetString(path.Parent));
        if (path.IsRoot)
        {
            _root.Text = entry.Kind == 'd' ? Mode(entry) : _root.Text;
            return entry.Kind == 'd';
        }

        if (name.StartsWith(".wh.", StringComparison.Ordinal))
        {
            return Whiteout(parentPath, name[4..]);
        }

        if (Resolve(parentPath, create: true) is not ({ } parent, var at))
        {
            return false;
        }

        for (var up = at; up.Length > 0; up = Parent(up))
        {
            _touched.Add(up);
        }

        return Write(entry, parent, at, name);
    }

    private bool Write(ModelEntry entry, Node parent, string at, string name)
    {
        var truePath = Join(at, name);
        var existing = parent.Children.GetValueOrDefault(name);
        switch (entry.Kind)
        {
            case 'd' when existing is { Kind: 'd' }:
                existing.Text = Mode(entry);
                break;
            case 'd':
                parent.Children[name] = new Node('d', Mode(entry));
                break;
            case 'l':
                parent.Children[name] = new Node('l', entry.Target);
                break;
            case 'h':
                if (Target(entry.Target) is not ({ } from, var fromAt, var fromName) || from.Children.GetValueOrDefault(fromName) is not { Kind: not 'd' } target
                    || Join(fromAt, fromName) == truePath || Join(fromAt, "").StartsWith(truePath + "/", StringComparison.Ordinal))
                {
                    return false;
                }

                parent.Children[name] = target;
                break;
            default:
                parent.Children[name] = new Node(entry.Kind, entry.Kind == 'p' ? "644" : $"644 {entry.Number}");
                break;
        }

        _touched.Add(truePath);
        return true;
    }

    private bool Whiteout(string parentPath, string hidden)
    {
        if (Resolve(parentPath, create: false) is not ({ } parent, var at))
        {
            return !_loop;
        }

        if (hidden == ".wh..opq")
        {
            Prune(parent, at);
        }
        else if (parent.Children.TryGetValue(hidden, out var child))
        {
            if (!_touched.Contains(Join(at, hidden)))
            {
                parent.Children.Remove(hidden);
            }
            else if (child.Kind == 'd')
            {
                Prune(child, Join(at, hidden));
            }
        }

        return true;
    }

    private void Prune(Node directory, string at)
    {
        foreach (var (name, child) in directory.Children.ToList())
        {
            if (!_touched.Contains(Join(at, name)))
            {
                directory.Children.Remove(name);
            }
            else if (child.Kind == 'd')
            {
                Prune(child, Join(at, name));
            }
        }
    }

    private (Node Parent, string At, string Name)? Target(string target)
    {
        var path = new LayerPath();
        path.Set(LayerBench.Utf8(target));
        return !path.IsRoot && Resolve(System.Text.Encoding.UTF8.GetString(path.Parent), create: false) is ({ } parent, var at)
            ? (parent, at, System.Text.Encoding.UTF8.GetString(path.Name)) : null;
    }

    private bool _loop;

    /// <summary>Follows links inside the root, with a stack of components still to walk.</summary>
    private (Node? Node, string At) Resolve(string path, bool create)
    {
        _loop = false;
        var links = 0;
        var rest = new Stack<string>(path.Split('/').Reverse());
        var walked = new Stack<(string Name, Node Node)>();
        while (rest.TryPop(out var name))
        {
            var here = walked.TryPeek(out var last) ? last.Node : _root;
            if (name is "" or ".")
            {
                continue;
            }

            if (name == "..")
            {
                walked.TryPop(out _);
                continue;
            }

            var at = Join(string.Join('/', walked.Reverse().Select(w => w.Name)), name);
            var next = here.Children.GetValueOrDefault(name);
            if (next is { Kind: 'l' })
            {
                if (++links > 40)
                {
                    _loop = true;
                    return (null, "");
                }

                if (next.Text.StartsWith('/'))
                {
                    walked.Clear();
                }

                foreach (var component in next.Text.Split('/').Reverse())
                {
                    rest.Push(component);
                }

                continue;
            }

            if (next is not { Kind: 'd' })
            {
                if (!create || (next is not null && _touched.Contains(at)))
                {
                    return (null, "");
                }

                here.Children[name] = next = new Node('d', "755");
                _touched.Add(at);
            }

            walked.Push((name, next));
        }

        return (walked.TryPeek(out var end) ? end.Node : _root, string.Join('/', walked.Reverse().Select(w => w.Name)));
    }

    private static string Mode(ModelEntry entry) => entry.Number % 2 == 0 ? "755" : "711";

    private static string Join(string at, string name) => at.Length == 0 ? name : $"{at}/{name}";

    private static string Parent(string path) => path.Contains('/', StringComparison.Ordinal) ? path[..path.LastIndexOf('/')] : "";
}
