namespace MlOps.Edge.Host.Demo;

/// <summary>What to show.</summary>
internal sealed record DemoOptions
{
    public static readonly IReadOnlyList<string> Changes = ["new-fault", "none", "one-device", "bad-retrain"];

    /// <summary>A folder of recordings; null: the built-in plant simulator.</summary>
    public string? Data { get; init; }

    public required int Devices { get; init; }

    public required int Seed { get; init; }

    /// <summary>One of <see cref="Changes"/>: machines with a fault mode that no model has seen enter service; nothing; one sensor goes
    /// bad; as the first, and maintenance books what it replaced early as failed.</summary>
    public required string Change { get; init; }

    public required string Out { get; init; }

    public bool KeepRunning { get; init; }

    public string DataFolder => Path.Combine(Out, "cloud");

    public string PlantFolder => Path.Combine(Out, "plant");
}
