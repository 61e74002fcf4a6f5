namespace Orca.Tests.EndToEnd;

/// <summary>A tree with busybox, orca, a line for the account and a home; its root file system when it runs.</summary>
internal sealed class BareSystem : IDisposable
{
    public BareSystem()
    {
        Directory = Path.Combine(World.Root, $"bare-{Guid.NewGuid():N}"[..13]);
        foreach (var name in (string[])["bin", "etc", "home", "tmp"])
        {
            System.IO.Directory.CreateDirectory(Path.Combine(Directory, name));
        }

        World.Tool("cp", "/bin/busybox", Directory + "/bin/busybox").Succeeds();
        World.Tool("cp", World.Binary, Directory + "/orca").Succeeds();
        World.Tool("sh", "-c", "cd \"$0\" && for applet in $(/bin/busybox --list); do [ -e $applet ] || ln -s busybox $applet; done", Directory + "/bin").Succeeds();
        World.Tool("chown", World.User, Directory + "/home").Succeeds();
        var ids = World.Tool("id", "-u", World.User).Output.Trim() + ":" + World.Tool("id", "-g", World.User).Output.Trim();
        Write("etc/passwd", $"{World.User}:x:{ids}::/home:/bin/sh\n");
    }

    public string Directory { get; }

    public void Write(string path, string text)
    {
        var full = Path.Combine(Directory, path);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    /// <summary>Runs a line of shell as the account, on this system.</summary>
    public Outcome Run(string line)
        => new Command(Fixture.Script("bare-system.sh"), Directory, World.User, "cd; " + line).AsCaller().With("PATH", "/usr/bin:/bin:/usr/sbin:/sbin").Run();

    public void Dispose() => World.Tool("rm", "-rf", Directory);
}
