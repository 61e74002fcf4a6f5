#:property PublishAot=false
#:property TargetFramework=net10.0
// .ci/public-docs.cs ASSEMBLY...: leaves in the XML documentation beside each assembly what it says of visible types and members. The compiler writes down all of it.
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

foreach (var assembly in args)
{
    var path = Path.ChangeExtension(assembly, ".xml");
    var document = XDocument.Load(path, LoadOptions.PreserveWhitespace);
    var visible = Visible(assembly);
    foreach (var member in document.Descendants("member").ToList())
    {
        if (!visible.Contains(NameOf(member.Attribute("name")!.Value)))
        {
            member.PreviousNode?.Remove(); // the white space before it
            member.Remove();
        }
    }

    document.Save(path, SaveOptions.DisableFormatting);
}

// As 'M:Orca.Thing.Do``1(System.String)', without the kind, the parameters and the number of type parameters of a method.
static string NameOf(string id)
{
    var name = id[2..];
    name = name.Split('(', '~')[0];
    var generic = name.IndexOf("``", StringComparison.Ordinal);
    return generic < 0 ? name : name[..generic];
}

static HashSet<string> Visible(string assembly)
{
    using var image = new PEReader(File.OpenRead(assembly));
    var reader = image.GetMetadataReader();
    var names = new HashSet<string>(StringComparer.Ordinal);
    foreach (var handle in reader.TypeDefinitions)
    {
        var type = reader.GetTypeDefinition(handle);
        if (!IsVisible(reader, type))
        {
            continue;
        }

        var name = FullName(reader, type);
        names.Add(name);
        foreach (var method in type.GetMethods().Select(reader.GetMethodDefinition).Where(static one => IsShown(one.Attributes)))
        {
            names.Add($"{name}.{reader.GetString(method.Name).Replace(".ctor", "#ctor", StringComparison.Ordinal)}");
        }

        foreach (var field in type.GetFields().Select(reader.GetFieldDefinition).Where(static one => IsShown((MethodAttributes)(one.Attributes & FieldAttributes.FieldAccessMask))))
        {
            names.Add($"{name}.{reader.GetString(field.Name)}");
        }

        foreach (var property in type.GetProperties().Select(reader.GetPropertyDefinition))
        {
            var accessors = property.GetAccessors();
            if (new[] { accessors.Getter, accessors.Setter }.Any(one => !one.IsNil && IsShown(reader.GetMethodDefinition(one).Attributes)))
            {
                names.Add($"{name}.{reader.GetString(property.Name)}");
            }
        }

        foreach (var one in type.GetEvents().Select(reader.GetEventDefinition))
        {
            names.Add($"{name}.{reader.GetString(one.Name)}");
        }
    }

    return names;
}

static bool IsShown(MethodAttributes attributes) => (attributes & MethodAttributes.MemberAccessMask) is MethodAttributes.Public or MethodAttributes.Family or MethodAttributes.FamORAssem;

static bool IsVisible(MetadataReader reader, TypeDefinition type) => (type.Attributes & TypeAttributes.VisibilityMask) switch
{
    TypeAttributes.Public => true,
    TypeAttributes.NestedPublic or TypeAttributes.NestedFamily or TypeAttributes.NestedFamORAssem => IsVisible(reader, reader.GetTypeDefinition(type.GetDeclaringType())),
    _ => false,
};

static string FullName(MetadataReader reader, TypeDefinition type)
{
    var name = reader.GetString(type.Name);
    if (type.IsNested)
    {
        return $"{FullName(reader, reader.GetTypeDefinition(type.GetDeclaringType()))}.{name}";
    }

    var space = reader.GetString(type.Namespace);
    return space.Length == 0 ? name : $"{space}.{name}";
}
