using NUnit.Framework;
using Orca.Registry.Store;

namespace Orca.Tests.Registry.Store;

/// <summary>What doctor says of the device below the store, by its link in /sys/dev/block.</summary>
public sealed class StoreProbeTests
{
    [TestCase("../../devices/platform/soc/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0/mmcblk0p2", "mmcblk0p2")]
    [TestCase("../../devices/platform/soc/fe340000.mmc/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0", "mmcblk0")]
    [TestCase("../../devices/pci0000:00/0000:00:01.0/nvme/nvme0/nvme0n1/nvme0n1p2", null)]
    [TestCase("../../devices/virtual/block/dm-0", null)]
    [TestCase("", null)]
    public void MemoryCard_IsKnownByItsName(string link, string? name)
    {
        var finding = StoreProbe.Card(link);
        Assert.That(finding?.Detail, name is null ? Is.Null : Is.EqualTo($"the store lies on {name}, which every write wears"));
        Assert.That(finding?.Cure, name is null ? Is.Null : Does.Contain("orca pull --no-resume").And.Contain("orca run --tmpfs-upper"));
    }
}
