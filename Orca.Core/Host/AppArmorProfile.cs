using System.Text;

namespace Orca.Core.Host;

/// <summary>The AppArmor profile that lets one program make user namespaces, on hosts that restrict them (Ubuntu since 23.10).</summary>
/// <remarks>
/// It confines nothing: an unconfined profile is what the kernel asks for before it leaves capabilities in a new user namespace (kernel.apparmor_restrict_unprivileged_userns).
/// An administrator saves it below /etc/apparmor.d and loads it with apparmor_parser(8).
/// </remarks>
public static class AppArmorProfile
{
    /// <summary>Where the administrator puts it.</summary>
    public const string Path = "/etc/apparmor.d/orca";

    /// <summary>The profile for a program.</summary>
    /// <param name="program">Its absolute path.</param>
    public static string For(string program) => $$"""
        # Lets orca make user namespaces. It confines nothing else.
        abi <abi/4.0>,
        include <tunables/global>

        profile orca "{{Escape(program)}}" flags=(unconfined) {
          userns,

          include if exists <local/orca>
        }

        """;

    /// <summary>Characters that mean something in a profile's path are taken literally after a backslash (apparmor.d(5)).</summary>
    private static string Escape(string path)
    {
        var text = new StringBuilder();
        foreach (var character in path)
        {
            if (character is '"' or '\\' or '*' or '?' or '[' or ']' or '{' or '}' or '^' or ',' or '@' or '#')
            {
                text.Append('\\');
            }

            text.Append(character);
        }

        return text.ToString();
    }
}
