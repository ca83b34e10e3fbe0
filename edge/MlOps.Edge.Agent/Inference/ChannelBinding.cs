using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts.Models;

namespace MlOps.Edge.Agent.Inference;

/// <summary>Which of a feed's columns are a model's, in the model's order.</summary>
internal sealed class ChannelBinding
{
    private readonly int[] _columns;

    private ChannelBinding(int[] columns) => _columns = columns;

    /// <summary>Picks the model's channels out of one frame.</summary>
    public void Copy(ReadOnlySpan<float> frame, Span<float> to)
    {
        for (var i = 0; i < _columns.Length; i++)
        {
            to[i] = frame[_columns[i]];
        }
    }

    /// <summary>Finds every channel of the model, by name and unit, among the feed's.</summary>
    /// <param name="mismatch">Why the model is not for this machine, in plain words.</param>
    public static ChannelBinding? TryBind(ModelManifest model, IMachineFeed feed, out string? mismatch)
    {
        mismatch = model.MachineKind != feed.MachineKind ? $"the model is for machines of kind '{model.MachineKind}', '{feed.Asset}' is a '{feed.MachineKind}'"
            : model.SampleInterval != feed.SampleInterval ? $"the model samples every {model.SampleInterval:g}, '{feed.Asset}' every {feed.SampleInterval:g} (SampleInterval, --interval)"
            : null;
        var columns = new int[model.Channels.Count];
        for (var i = 0; i < columns.Length && mismatch is null; i++)
        {
            var wanted = model.Channels[i];
            columns[i] = Index(feed.Channels, wanted.Name);
            mismatch = columns[i] < 0 ? $"'{feed.Asset}' has no channel '{wanted.Name}'"
                : feed.Channels[columns[i]].Unit != wanted.Unit ? $"channel '{wanted.Name}' is in '{feed.Channels[columns[i]].Unit}' here and in '{wanted.Unit}' in the model"
                : null;
        }

        return mismatch is null ? new(columns) : null;
    }

    private static int Index(IReadOnlyList<ChannelSpec> channels, string name)
    {
        for (var i = 0; i < channels.Count; i++)
        {
            if (channels[i].Name == name)
            {
                return i;
            }
        }

        return -1;
    }
}
