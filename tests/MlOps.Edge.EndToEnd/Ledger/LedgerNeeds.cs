using MlOps.Edge.EndToEnd.Processes;

namespace MlOps.Edge.EndToEnd.Ledger;

/// <summary>What the longer part of the ledger needs of the machine; a test without it is skipped and says why.</summary>
internal static class LedgerNeeds
{
    private const string Switch = "MLOPS_FAULT_LEDGER";
    private const string Everything = "all";

    /// <summary>The whole ledger takes minutes: <c>tests/run-ledger.sh</c> asks for it.</summary>
    public static void Whole() => Assert.SkipUnless(Environment.GetEnvironmentVariable(Switch) is "1" or Everything, $"part of the fault ledger: tests/run-ledger.sh runs it ({Switch}=1)");

    /// <summary>What one of the stores shows as well as both: <c>tests/run-ledger.sh --all</c> asks for it.</summary>
    public static void All() => Assert.SkipUnless(Environment.GetEnvironmentVariable(Switch) == Everything, $"part of the whole fault ledger: tests/run-ledger.sh --all runs it ({Switch}={Everything})");

    public static void Of(LedgerBroker broker, LedgerStore store = LedgerStore.Sqlite)
    {
        if (broker == LedgerBroker.Mosquitto)
        {
            Assert.SkipWhen(Mosquitto.Program is null, "mosquitto (Debian package mosquitto) is not installed");
        }

        if (store == LedgerStore.Postgres)
        {
            LedgerDatabase.Need();
            if (broker == LedgerBroker.Embedded)
            {
                All();
            }
        }
    }

    /// <summary>For a fault that only devices know of: one store shows it as well as both.</summary>
    public static void OfDevices(LedgerBroker broker, LedgerStore store)
    {
        Whole();
        Of(broker, store);
        if (store == LedgerStore.Postgres)
        {
            All();
        }
    }
}
