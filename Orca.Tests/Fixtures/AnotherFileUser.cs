using System.Runtime.InteropServices;

namespace Orca.Tests.Fixtures;

/// <summary>Makes this thread see files as an ordinary user, until disposed: root may read what is closed, and tests run as root.</summary>
/// <remarks>setfsuid(2) is the thread's alone and takes the capabilities over files with it; for an ordinary user it changes nothing.</remarks>
internal sealed partial class AnotherFileUser : IDisposable
{
    private const uint Nobody = 65534;

    private readonly uint _user = (uint)SetUser(Nobody);

    public void Dispose() => _ = SetUser(_user);

    /// <summary>Returns the id that was in effect.</summary>
    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetUser(uint id);
}
