using NUnit.Framework;
using Orca.Core.Host;

namespace Orca.Tests.Core.Host;

public sealed class AppArmorProfileTests
{
    [TestCase("/usr/local/bin/orca", "/usr/local/bin/orca")]
    [TestCase("/home/ann smith/orca", "/home/ann smith/orca")]
    [TestCase("/a\"b/[c]*{d,e}?", "/a\\\"b/\\[c\\]\\*\\{d\\,e\\}\\?")]
    public void H05_Profile_AllowsUserNamespacesToThisPathAlone(string path, string shown) => Assert.That(AppArmorProfile.For(path), Is.EqualTo($$"""
        # Lets orca make user namespaces. It confines nothing else.
        abi <abi/4.0>,
        include <tunables/global>

        profile orca "{{shown}}" flags=(unconfined) {
          userns,

          include if exists <local/orca>
        }

        """));
}
