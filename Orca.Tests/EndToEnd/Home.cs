using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>A home directory of the ordinary account, with an orca store of its own.</summary>
internal sealed class Home : IDisposable
{
    private readonly string _user;

    public Home(string name = "home", string? user = null)
    {
        _user = user ?? World.User;
        Directory = Path.Combine(World.Root, $"{name}-{Guid.NewGuid():N}"[..(name.Length + 9)]);
        System.IO.Directory.CreateDirectory(Directory);
        if (Environment.IsPrivilegedProcess)
        {
            World.Tool("chown", $"{_user}:{_user}", Directory).Succeeds();
        }
    }

    public string Directory { get; }

    public Command Orca(params IEnumerable<string> arguments)
        => Program(World.Binary, arguments);

    public Command Program(string program, params IEnumerable<string> arguments)
        => new Command(program, arguments).As(_user).With("HOME", Directory).In(Directory);

    /// <summary>Runs a line of shell as the account, at home.</summary>
    public Outcome Shell(string line)
        => Program("sh", "-c", line).With("orca", World.Binary).Run();

    /// <summary>Every path of the store, for comparing before and after.</summary>
    public string[] Files()
        => [.. Shell("find . -mindepth 1").Lines.Order(StringComparer.Ordinal)];

    /// <summary>Writes a file as the account.</summary>
    public string Write(string name, string text)
    {
        Program("sh", "-c", "cat > \"$0\"", name).Input(System.Text.Encoding.UTF8.GetBytes(text)).Run().Succeeds();
        return Path.Combine(Directory, name);
    }

    /// <summary>The account itself must be able to remove everything orca made, with nothing but rm.</summary>
    public void Dispose()
    {
        var removed = Program("rm", "-rf", Directory).In("/").Run();
        Assert.That(removed.Errors.Split('\n').Where(line => line.Length > 0 && !line.Contains($"'{Directory}'", StringComparison.Ordinal)), Is.Empty);
        World.Tool("rm", "-rf", Directory);
    }
}
