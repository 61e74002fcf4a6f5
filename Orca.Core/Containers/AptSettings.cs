using Orca.Core.Sandbox;

namespace Orca.Core.Containers;

/// <summary>What tells apt that there is no other user to become: files beside the image's, and the variable that names one (apt.conf(5)).</summary>
/// <remarks>
/// apt downloads as the user _apt and looks whether it has become it, so that it is no help to answer that it has. The image's own
/// configuration stays as it is. The second file is for apt below sudo or su, which drop the variable.
/// </remarks>
internal static class AptSettings
{
    /// <summary>A file that Debian has, and all that come from it.</summary>
    internal const string Mark = "/etc/debian_version";

    internal const string Variable = "APT_CONFIG=" + Path;

    internal static readonly GeneratedFile[] Files = [new(Path, Settings), new("/etc/apt/apt.conf.d/zz-orca", Settings)];

    internal const string Path = "/run/orca/apt.conf";
    private const string Settings = "APT::Sandbox::User \"root\";\n";
}
