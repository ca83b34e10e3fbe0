using MlOps.Edge.Cloud.Drift.Calibration;
using MlOps.Edge.Cloud.Drift.Reference;
using MlOps.Edge.Cloud.Grains;
using MlOps.Edge.Cloud.Registry;
using MlOps.Edge.Contracts;

namespace MlOps.Edge.Cloud.Drift.Grains;

/// <summary>The monitor of one champion, with limits drawn for one size of fleet.</summary>
internal sealed record ChampionWatch(int Version, DriftCalibration Calibration, DriftMonitor Monitor);

/// <summary>Makes watches. Drawing the limits takes seconds, on a thread of its own.</summary>
internal sealed class ChampionWatches(IArtifactStore artifacts, DriftMonitorFactory monitors)
{
    /// <param name="calibration">Limits that were drawn before, JSON; drawn again where they do not suit the fleet any more. Null: none.</param>
    /// <returns>Null where the version has no reference.</returns>
    public async Task<ChampionWatch?> OpenAsync(ModelVersionView champion, int devices, string? calibration, CancellationToken cancellationToken)
    {
        if (champion.Reference is null)
        {
            return null;
        }

        var bytes = await artifacts.GetAsync(Sha256Digest.Parse(champion.Reference), cancellationToken)
            ?? throw new InvalidModelException($"The drift reference of {champion.Model} version {champion.Version} ({champion.Reference}) is not in the artifact store.");
        return await OwnThread.RunAsync($"drift limits {champion.Model}:{champion.Version}", () =>
        {
            var reference = ReferenceSketch.FromBytes(bytes);
            var known = calibration is null ? null : DriftCalibration.FromJson(calibration);
            var limits = known is not null && known.Shape.Suits(devices) ? known : monitors.Calibrate(reference, devices, cancellationToken);
            return new ChampionWatch(champion.Version, limits, monitors.Create(reference, limits, champion.JudgedErrors));
        });
    }
}
