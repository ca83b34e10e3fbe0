using MlOps.Edge.Benchmarks.Signal;

namespace MlOps.Edge.Benchmarks.Load;

/// <summary>What the devices send, and how.</summary>
/// <param name="Name">Of the case.</param>
/// <param name="Channels">The first so many of the reference signal.</param>
/// <param name="Frames">In a message.</param>
/// <param name="MessagesPerSecond">Over all devices, whatever the server does; null: as many as it takes.</param>
internal sealed record LoadShape(string Name, int Channels, int Frames, int? MessagesPerSecond = null)
{
    public static IReadOnlyList<LoadShape> All { get; } =
    [
        new("48", ChannelShape.All.Count, 2),
        new("240", ChannelShape.All.Count, 10),
        new("1", 1, 1),
        new("latency", ChannelShape.All.Count, 2, MessagesPerSecond: 1000),
    ];

    public int Readings => Channels * Frames;

    public string Text => MessagesPerSecond is { } rate
        ? $"{Readings} readings a message, {rate} messages a second"
        : Readings == 1 ? "1 reading a message" : $"{Readings} readings a message ({Channels} channels x {Frames} frames)";
}
