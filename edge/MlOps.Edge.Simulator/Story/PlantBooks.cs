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
        _lines = new(Whole(Path.Combine(folder, PlantFolder.Produced)));
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

    // A kill may have left half a line; what it told is told again.
    private static FileStream Whole(string path)
    {
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        for (var end = file.Length; end > 0; end--)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n')
            {
                break;
            }

            file.SetLength(end - 1);
        }

        file.Seek(0, SeekOrigin.End);
        return file;
    }
}
