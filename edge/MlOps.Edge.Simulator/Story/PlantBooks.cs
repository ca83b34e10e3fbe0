using System.Text.Json;
using MlOps.Edge.Simulator.Fleet;
using MlOps.Edge.Simulator.Scenario;

namespace MlOps.Edge.Simulator.Story;

/// <summary>Writes down what was committed, as it is committed.</summary>
internal sealed class PlantBooks : IDisposable
{
    private readonly StreamWriter _lines;
    private readonly TruthLedger _ledger;

    public PlantBooks(string folder)
    {
        _lines = new(Path.Combine(folder, PlantFolder.Produced), append: true);
        _ledger = new(_lines);
    }

    public void Produced(in DeviceTick tick) => _ledger.Commit(tick);

    public void Produced(string device, string asset, int installation, string unit, int firstAge, int lastAge) =>
        _lines.WriteLine(JsonSerializer.Serialize(
            new ProducedFrames { Device = device, Asset = asset, Installation = installation, Unit = unit, FirstAge = firstAge, LastAge = lastAge }, LedgerJson.Default.ProducedFrames));

    public void Flush() => _ledger.Flush();

    public void Dispose()
    {
        _ledger.Flush();
        _lines.Dispose();
    }
}
