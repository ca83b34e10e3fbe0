using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Agent.Models;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Agent;

/// <summary>Everything that can be configured. Keys are the property paths, e.g. <c>Link:Host</c>.</summary>
internal sealed class AgentOptions
{
    /// <summary>The device id. Default: this machine's name, made to fit.</summary>
    public string Device { get; set; } = "";

    /// <summary>The fleet group. Default: <c>default</c>.</summary>
    public string Group { get; set; } = "default";

    /// <summary>The device measures and takes no model: rollouts leave it out. Default: false.</summary>
    public bool TelemetryOnly { get; set; }

    /// <summary>Where the agent keeps outbox, models and keys; one agent to a folder. Default: under the user's local application data.</summary>
    public string StateFolder { get; set; } = "";

    public SensingOptions Sensing { get; set; } = new();

    public InferenceOptions Inference { get; set; } = new();

    public ModelOptions Models { get; set; } = new();

    public OutboxOptions Outbox { get; set; } = new();

    public LinkOptions Link { get; set; } = new();

    /// <summary>Fills the defaults that depend on the machine, then checks all figures.</summary>
    /// <exception cref="AgentConfigurationException">Names the first option that does not do, and what would.</exception>
    public AgentOptions Checked()
    {
        Device = Device.Length > 0 ? Device : Sanitised(Environment.MachineName);
        StateFolder = Path.GetFullPath(StateFolder.Length > 0 ? StateFolder
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "mlops-edge-agent", Device));
        foreach (var asset in Sensing.Assets)
        {
            asset.Id ??= Device;
        }

        return Faults().FirstOrDefault() is { } fault ? throw new AgentConfigurationException(fault) : this;
    }

    private IEnumerable<string> Faults()
    {
        const string rule = "lower-case letters, digits, '-' and '_', at most 64, beginning with a letter or digit";
        return new (bool Wrong, string Fault)[]
        {
            (!DeviceId.TryParse(Device, null, out _), $"Device is '{Device}'; it must be {rule}."),
            (!DeviceId.TryParse(Group, null, out _), $"Group is '{Group}'; it must be {rule}."),
            (Link.Host.Length == 0, "Link:Host is empty; give the broker's name or address."),
            (Link.Port is < 1 or > 65535, $"Link:Port is {Link.Port}; it must be between 1 and 65535."),
            (Link.KeepAlive < TimeSpan.FromSeconds(1), $"Link:KeepAlive is {Link.KeepAlive}; it must be at least 00:00:01."),
            (Link.FirstRetry <= TimeSpan.Zero || Link.LongestRetry < Link.FirstRetry, "Link:FirstRetry must be above 0 and Link:LongestRetry at least as long."),
            (Link.Timeout <= TimeSpan.Zero || Link.ReportTimeout <= TimeSpan.Zero || Link.ReportInterval <= TimeSpan.Zero || Link.ReportDelay < TimeSpan.Zero,
                "Link:Timeout, Link:ReportTimeout and Link:ReportInterval must be above 0."),
            (Outbox.BatchFrames < 1, $"Outbox:BatchFrames is {Outbox.BatchFrames}; it must be at least 1."),
            (Outbox.ShortestBatchAge <= TimeSpan.Zero || Outbox.LongestBatchAge < Outbox.ShortestBatchAge,
                $"Outbox:ShortestBatchAge is {Outbox.ShortestBatchAge} and Outbox:LongestBatchAge {Outbox.LongestBatchAge}; the first must be above 0 and the second at least as long."),
            (Outbox.Window < 1, $"Outbox:Window is {Outbox.Window}; it must be at least 1."),
            (Outbox.MaxBytes < 64 * 1024, $"Outbox:MaxBytes is {Outbox.MaxBytes}; it must be at least 65536."),
            (Outbox.MaxAge <= TimeSpan.Zero, $"Outbox:MaxAge is {Outbox.MaxAge}; it must be above 0."),
            (Outbox.MaxBatchBytes < 1024, $"Outbox:MaxBatchBytes is {Outbox.MaxBatchBytes}; it must be at least 1024."),
            (Outbox.HeldBytes < 0, $"Outbox:HeldBytes is {Outbox.HeldBytes}; it must be 0 or above."),
            (Outbox.RefusedKept < 1, $"Outbox:RefusedKept is {Outbox.RefusedKept}; it must be at least 1."),
            (Outbox.AckTimeout <= TimeSpan.Zero, "Outbox:AckTimeout must be above 0."),
            (Outbox.BacklogAfter <= TimeSpan.Zero && Outbox.BacklogAfter != Timeout.InfiniteTimeSpan, $"Outbox:BacklogAfter is {Outbox.BacklogAfter}; it must be above 0, or -00:00:00.001 for never."),
            (Inference.HistoryFrames is < 1 or > 100_000, $"Inference:HistoryFrames is {Inference.HistoryFrames}; it must be between 1 and 100000."),
            (Models.MaxModelBytes is < 1 or > int.MaxValue, $"Models:MaxModelBytes is {Models.MaxModelBytes}; it must be between 1 and {int.MaxValue}."),
            (Models.MaxBlobBytes < 1 || Models.BlobWindow < 1 || Models.BlobAttempts < 1, "Models:MaxBlobBytes, Models:BlobWindow and Models:BlobAttempts must be at least 1."),
            (Models.BlobTimeout <= TimeSpan.Zero || Models.BlobRetry <= TimeSpan.Zero, "Models:BlobTimeout and Models:BlobRetry must be above 0."),
            (Models.ProbationPredictions < 1, $"Models:ProbationPredictions is {Models.ProbationPredictions}; it must be at least 1."),
            (Sensing.LongestStop < TimeSpan.Zero, $"Sensing:LongestStop is {Sensing.LongestStop}; it must be 0 or above."),
            (Sensing.Assets.Count == 0, "No machine is configured: set Sensing:Assets:0:MachineKind and Sensing:Assets:0:Sensors:0:Settings:File (a CSV recording), or another driver."),
        }
        .Where(check => check.Wrong).Select(check => check.Fault)
        .Concat(Sensing.Assets.SelectMany(AssetFaults))
        .Concat(Sensing.Assets.GroupBy(asset => asset.Id).Where(same => same.Count() > 1).Select(same => $"Sensing:Assets has '{same.Key}' twice; each machine needs an Id of its own."));
    }

    private static IEnumerable<string> AssetFaults(AssetOptions asset, int i)
    {
        if (!AssetId.TryParse(asset.Id, null, out _))
        {
            yield return $"Sensing:Assets:{i}:Id is '{asset.Id}'; write lower-case letters, digits, '-' and '_'.";
        }

        if (asset.MachineKind.Length == 0)
        {
            yield return $"Sensing:Assets:{i}:MachineKind is empty; name the kind of machine, e.g. centrifugal-pump.";
        }

        if (asset.Pace <= TimeSpan.Zero)
        {
            yield return $"Sensing:Assets:{i}:Pace is {asset.Pace}; it must be above 0.";
        }

        if (asset.SampleInterval <= TimeSpan.Zero)
        {
            yield return $"Sensing:Assets:{i}:SampleInterval is {asset.SampleInterval}; it must be above 0.";
        }
    }

    private static string Sanitised(string name)
    {
        var fitting = new string([.. name.ToLowerInvariant().Select(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) ? c : '-').Take(64)]).Trim('-');
        return fitting.Length > 0 ? fitting : "device";
    }
}
