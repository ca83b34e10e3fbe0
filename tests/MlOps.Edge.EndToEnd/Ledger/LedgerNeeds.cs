using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>What the longer part of the ledger needs of the machine; a test without it is skipped and says why.</summary>
internal static class LedgerNeeds
{
    private const string Switch = "MLOPS_FAULT_LEDGER";

    /// <summary>The whole ledger takes minutes: <c>tests/run-ledger.sh</c> asks for it.</summary>
    public static void Whole() => Assert.SkipUnless(Environment.GetEnvironmentVariable(Switch) == "1", $"part of the fault ledger: tests/run-ledger.sh runs it ({Switch}=1)");

    public static void Of(LedgerBroker broker)
    {
        if (broker == LedgerBroker.Mosquitto)
        {
            Assert.SkipWhen(Mosquitto.Program is null, "mosquitto (Debian package mosquitto) is not installed");
        }
    }
}
