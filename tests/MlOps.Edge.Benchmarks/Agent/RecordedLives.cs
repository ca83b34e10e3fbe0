using System.Globalization;
using System.Text;
using MlOps.Edge.Benchmarks.Signal;

namespace MlOps.Edge.Benchmarks.Agent;

/// <summary>
/// Machines of 24 channels that wear out, a function of the seed: the reference signal, and over it a wear that rises with the square of the
/// share of the life that is over and moves every second channel by a part of its range, up or down. Written as the simulator and the agent read recordings.
/// </summary>
internal sealed class RecordedLives(long seed)
{
    /// <summary>How the simulator calls machines whose recordings it reads.</summary>
    public const string MachineKind = "recorded-machine";

    private const int Units = 40; // three fifths of them become the history that the cloud trains on
    private const int ShortestLife = 100;
    private const int LifeSpread = 80;
    private const double WearShare = 0.6;

    private readonly ReferenceSignal _signal = new(seed);

    /// <summary>Whole lives, each to its failure: <c>unit,cycle,name|unit,…</c>.</summary>
    public void WriteHistory(string file)
    {
        var random = new SeededNormal(seed);
        var text = new StringBuilder("unit,cycle").AppendJoin("", ChannelShape.All.Select(channel => $",{channel.Name}|{channel.Unit}")).Append('\n');
        for (var unit = 1; unit <= Units; unit++)
        {
            var life = ShortestLife + (int)(random.Uniform() * LifeSpread);
            for (var cycle = 1; cycle <= life; cycle++)
            {
                text.Append(CultureInfo.InvariantCulture, $"{unit},{cycle},");
                AppendRow(text, ReferenceSignal.OffsetOf(unit) + cycle, Math.Pow((double)cycle / life, 2));
            }
        }

        Write(file, text);
    }

    /// <summary>A machine that is well: <c>name[unit],…</c>.</summary>
    /// <param name="frames">After as many it begins again.</param>
    public void WriteRecording(string file, int frames)
    {
        var text = new StringBuilder().AppendJoin(',', ChannelShape.All.Select(channel => $"{channel.Name}[{channel.Unit}]")).Append('\n');
        for (var frame = 0; frame < frames; frame++)
        {
            AppendRow(text, frame, wear: 0);
        }

        Write(file, text);
    }

    private void AppendRow(StringBuilder text, long frame, double wear)
    {
        text.AppendJoin(',', ChannelShape.All.Select((channel, c) =>
        {
            var way = c % 4 == 0 ? 1 : c % 4 == 2 ? -1 : 0;
            return Math.Round(_signal.Take(c, frame, 1).Span[0] + way * wear * WearShare * channel.Range, channel.Decimals).ToString(CultureInfo.InvariantCulture);
        })).Append('\n');
    }

    private static void Write(string file, StringBuilder text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text.ToString());
    }
}
