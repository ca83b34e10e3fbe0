namespace MlOps.Edge.Host.Demo;

/// <summary>What to show.</summary>
internal sealed record DemoOptions
{
    /// <summary>A folder of recordings; null: the built-in plant simulator.</summary>
    public string? Data { get; init; }

    public int Devices { get; init; } = 20;

    public int Seed { get; init; } = 1;

    public WorldChange Change { get; init; } = WorldChange.NewFault;

    public required string Out { get; init; }

    public bool KeepRunning { get; init; }
}

/// <summary>What happens to the world meanwhile.</summary>
internal enum WorldChange
{
    /// <summary>Machines with a fault mode that no model has seen enter service.</summary>
    NewFault,

    /// <summary>Nothing.</summary>
    None,

    /// <summary>One sensor of one device goes bad.</summary>
    OneDevice,

    /// <summary>As <see cref="NewFault"/>, and maintenance books what it replaced early as failed.</summary>
    BadRetrain,
}
