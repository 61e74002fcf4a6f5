using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>
/// orca on two emulated boards: one as a Raspberry Pi 3 (pages of 4 KB, 416 MB), one as a Pi 5 (pages of 16 KB).
/// Each is switched on once, and makes its checks.
/// </summary>
[Category("EndToEnd")]
internal sealed class BoardTests
{
    private readonly Lazy<Life> _life = new(static () => new Life());

    private static IEnumerable<TestCaseData> SmallPages() => BoardChecks.OnSmallPages.Select(static check => new TestCaseData(check));

    private static IEnumerable<TestCaseData> LargePages() => BoardChecks.OnLargePages.Select(static check => new TestCaseData(check));

    [TestCaseSource(nameof(SmallPages))]
    public void On4KPages(BoardCheck check) => _life.Value.Small.Verify(check);

    [TestCaseSource(nameof(LargePages))]
    public void On16KPages(BoardCheck check) => _life.Value.Large.Verify(check);

    [OneTimeTearDown]
    public void SwitchOff()
    {
        if (_life.IsValueCreated)
        {
            _life.Value.Dispose();
        }
    }

    /// <summary>Both boards at the same time, and the registries that the first one pulls from.</summary>
    private sealed class Life : IDisposable
    {
        private readonly BoardRegistry _http = new(tls: false, withBig: true), _tls = new(tls: true);

        public Life()
        {
            string[] files = [BoardParts.Package(), SystemCallProbe.Arm64, SystemCallProbe.Arm, IdentityProbe.Arm64, BoardParts.Authority()];
            string[] options = [.. files.SelectMany(static file => (string[])["--add", file])];
            string[] small = ["--memory", "416", .. _http.Forward(BoardChecks.HttpPort), .. _tls.Forward(BoardChecks.TlsPort)];
            Small = new BoardRun(BoardChecks.OnSmallPages, [.. options, .. small]);
            Large = new BoardRun(BoardChecks.OnLargePages, [.. options, "--kernel", "16k", "--append", "cgroup_disable=memory"]);
        }

        public BoardRun Small { get; }

        public BoardRun Large { get; }

        public void Dispose()
        {
            Small.Dispose();
            Large.Dispose();
            _http.Dispose();
            _tls.Dispose();
        }
    }
}
