using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Output;

namespace MlOps.Edge.Cli.Commands;

/// <summary>What a device's state asks of people, in plain words; nothing where all is well.</summary>
internal static class DeviceAdvice
{
    public static IEnumerable<string> For(DeviceDocument device)
    {
        if (!device.Online)
        {
            yield return "It is offline. It goes on measuring and predicting, and delivers when it is back; if it stays away, look at its power and network.";
        }

        if (device.Trouble is { } trouble)
        {
            yield return $"Batches were refused: {trouble}";
        }

        if (device.Quarantine is not null)
        {
            yield return $"Its telemetry is not taken for now, and it keeps it. Find out why it sends so; the quarantine ends by itself, or with 'mlops device release {device.Id}'.";
        }

        if (device.Reported is not { } said)
        {
            yield return "It has not said anything of itself yet. Wait for its first report.";
            yield break;
        }

        if (device.Desired is null && said.Active is null)
        {
            yield return "No model is assigned. 'mlops rollout start <model> <version>' rolls one out.";
        }
        else if (device.Online && said.DesiredEpoch < device.DesiredEpoch)
        {
            yield return $"It has not read its newest order yet ({said.DesiredEpoch} of {device.DesiredEpoch}). The cloud says it again whenever it connects.";
        }

        foreach (var d in said.Deployments)
        {
            if (Explain(d) is { } line)
            {
                yield return line;
            }
        }

        if (said.MissingBlobs.Length > 0)
        {
            yield return $"It asks again for {said.MissingBlobs.Length} blobs that did not come: {Show.List([.. said.MissingBlobs.Take(3).Select(Show.Digest)])}. The cloud publishes them again by itself.";
        }

        if (said.SensorFaults.Length > 0)
        {
            yield return "Check the sensors named above; predictions from faulty channels do not count as drift of the fleet.";
        }
    }

    private static string? Explain(DeploymentDocument d) => d.State switch
    {
        "downloading" => $"{d.Model}:{d.Version} is on its way: {d.BlobsPresent} of {d.BlobsTotal} blobs are here.",
        "pending" => $"{d.Model}:{d.Version} has not begun to download.",
        "probation" => $"{d.Model}:{d.Version} is active on probation; if it fails now, the previous version comes back by itself.",
        "rejected" => $"{d.Model}:{d.Version} was refused before it ran and the device keeps what it had. Register a version that passes, then roll it out.",
        "failed" or "timed-out" => $"{d.Model}:{d.Version} did not get through and the device keeps what it had. Remedy the reason, then roll out again.",
        "rolled-back" => $"{d.Model}:{d.Version} failed on probation; the previous version is active again. Do not roll it out further before the reason is understood.",
        _ => null,
    };
}
