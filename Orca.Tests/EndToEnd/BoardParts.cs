using Orca.Tests.Fixtures;

namespace Orca.Tests.EndToEnd;

/// <summary>What tests hand over to boards, beside what Fixtures/board/parts.sh makes.</summary>
internal static class BoardParts
{
    private static readonly Lazy<string> s_busybox = new(static () => Extract("busybox"));

    /// <summary>The statically linked busybox of boards, as a file of this machine.</summary>
    public static string Busybox => s_busybox.Value;

    /// <summary>A Debian package with an account, an owner that is not root, and a script that needs both.</summary>
    public static string Package()
    {
        const string Script = """
            set -eu
            cd "$1"
            mkdir -p tree/DEBIAN tree/var/lib/sampled
            echo data >tree/var/lib/sampled/data
            printf 'Package: sampled\nVersion: 1\nArchitecture: all\nMaintainer: orca <orca@localhost>\nDescription: for a test\n' >tree/DEBIAN/control
            printf '#!/bin/sh\nset -e\nuseradd --system sampled\nchown -R sampled /var/lib/sampled\nmknod /var/lib/device c 1 3\n' >tree/DEBIAN/postinst
            chmod 755 tree tree/DEBIAN tree/DEBIAN/postinst
            dpkg-deb -b tree sampled.deb >/dev/null
            """;
        return Make(Script, "sampled.deb");
    }

    /// <summary>The certificate of the authority that <see cref="BoardRegistry"/> is signed by.</summary>
    public static string Authority()
    {
        var path = Path.Combine(World.Root, "authority.pem");
        File.WriteAllText(path, BoardRegistry.Authority);
        return path;
    }

    private static string Extract(string image)
    {
        var parts = World.Tool("env", [$"ORCA_FIXTURES={Surroundings.Caller("ORCA_FIXTURES")}", $"HOME={Surroundings.Caller("HOME")}", Fixture.Script("board/parts.sh")]);
        if (parts.Status != 0)
        {
            Needs.InCi("the parts of the emulated boards cannot be made: " + parts.Errors);
        }

        return Make($"tar -C \"$1\" -xf '{parts.Output.Trim()}/images/{image}.tar' ./bin/busybox", "bin/busybox");
    }

    private static string Make(string script, string file)
    {
        var directory = Directory.CreateDirectory(Path.Combine(World.Root, $"parts-{Guid.NewGuid():N}")).FullName;
        World.Tool("sh", "-c", script, "sh", directory).Succeeds();
        return Path.Combine(directory, file);
    }
}
