using Microsoft.Extensions.Options;
using MlOps.Edge.Cloud.Drift.Calibration;
using MlOps.Edge.Cloud.Drift.Detectors;
using MlOps.Edge.Cloud.Drift.Reference;

namespace MlOps.Edge.Cloud.Drift;

/// <summary>Makes monitors with the detectors and the budget that the options name.</summary>
internal sealed class DriftMonitorFactory(IEnumerable<IDriftDetector> detectors, IOptions<DriftOptions> options)
{
    private readonly IDriftDetector[] _detectors =
        [.. options.Value.DetectorNames.Distinct().Select(name => detectors.First(d => d.Name == name))];

    /// <summary>Draws the limits for a fleet of so many devices: seconds of CPU, so beside a grain's turn and once per model version.</summary>
    public DriftCalibration Calibrate(ReferenceSketch reference, int devices, CancellationToken cancellation) =>
        new QuietFleets(reference, _detectors, options.Value)
            .Calibrate(new(devices, options.Value.HorizonCycles), seed: 0x5EED, cancellation);

    /// <param name="judgedErrors">RMSE of each unit that the model was judged or calibrated on, never trained on.</param>
    public DriftMonitor Create(ReferenceSketch reference, DriftCalibration calibration, IReadOnlyList<double> judgedErrors) =>
        new(reference, calibration, judgedErrors, _detectors, options.Value);
}
