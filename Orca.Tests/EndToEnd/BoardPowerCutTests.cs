using NUnit.Framework;

namespace Orca.Tests.EndToEnd;

/// <summary>The power of a board is cut in the middle of a pull: the store on its card is sound at the next boot, and the pull goes on.</summary>
[Category("EndToEnd")]
public sealed class BoardPowerCutTests
{
    private const int Filler = 4 << 20;

    /// <summary>Begins a pull and waits until a good part of the layer has come.</summary>
    private const string Pull = """
        su pi -s /bin/sh -c 'cd; exec orca pull -q --tls-verify=false registry.board:5000/app:1' &
        until [ "$(cat /home/pi/.local/share/orca/parts/sha256-* 2>/dev/null | wc -c)" -ge 1400000 ]; do sleep 0.1; done

        """;

    private const string Cut = "echo @cut\nwait\n";
    private const string Check = "su pi -s /bin/sh -c 'cd; orca system check'\n";

    private const string GoOn = """
        su pi -s /bin/sh -c 'cd; orca pull -q --tls-verify=false registry.board:5000/app:1 && orca run --pull never registry.board:5000/app:1 echo it runs && orca system check'
        """;

    [Test]
    public void PowerCutInAPull_TheNextBootFindsASoundStore_AndThePullGoesOn()
    {
        using var registry = new BoardRegistry(tls: false, Filler);
        var card = Path.Combine(World.Root, $"card-{Guid.NewGuid():N}");
        string[] options = ["--card", card, .. registry.Forward(BoardChecks.HttpPort)];

        // Nothing was written to the card on purpose: what it has of the part is by chance.
        registry.StopAfter(Filler / 2);
        LoseThePower(Pull + Cut, options);

        // The kernel had the time to write the part to the card.
        registry.StopAfter(Filler * 3 / 4);
        Assert.That(LoseThePower(Check + Pull + "sync\n" + Cut, options), Does.Contain("all sound"));

        registry.GoOn();
        using var board = new Board(Check + GoOn, options);
        var outcome = board.Wait().Succeeds();
        Assert.That(outcome.Lines.Where(static line => line.EndsWith("all sound", StringComparison.Ordinal)).ToList(), Has.Count.EqualTo(2), outcome.Output);
        Assert.That(outcome.Output, Does.Contain("it runs"));
        Assert.That(registry.Ranges.Last(), Does.Match("^bytes=[1-9][0-9]{6,}-$"), "the last pull asked for the rest of the layer alone");
        File.Delete(card);
    }

    /// <summary>Boots, waits for the mark and cuts the power; returns the console.</summary>
    private static string LoseThePower(string line, string[] options)
    {
        using var board = new Board(line, options);
        board.UntilOff("@cut");
        if (!board.Console.Contains("@cut", StringComparison.Ordinal))
        {
            Needs.InCi($"the emulated board does not boot, or orca does not pull there:\n{board.Wait().Output}");
        }

        board.CutPower();
        return board.Wait().Output;
    }
}
