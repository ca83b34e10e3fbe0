using MlOps.Edge.Contracts.Models;
using MlOps.Edge.Host.Reporting;

namespace MlOps.Edge.Host.Tests.Reporting;

/// <summary>Reports of runs that went as they should; a test changes what it is about.</summary>
internal static class Reports
{
    public static ModelDefinition Definition { get; } = new()
    {
        Name = "pump-rul",
        MachineKind = "centrifugal-pump",
        Channels = [new("flow", "m3/h"), new("temperature", "Cel")],
        Window = 30,
        SampleInterval = TimeSpan.FromHours(1),
        RulCap = 125,
    };

    private static DriftFigures FleetDrift { get; } = new(230, 1, "drift", "fleet", ["flow"], ["edge-1", "edge-2"], "rank-shift", "score 2.1 over 1");

    private static DriftFigures DeviceDrift { get; } = new(230, 1, "drift", "device", ["flow"], ["edge-1"], "stuck", "31 equal values");

    public static ReportDocument Of(string change) => change switch
    {
        "new-fault" => Base(change) with
        {
            Models = [Model(1, true), Model(2, true)],
            Rollouts = [Rollout(1, "finished"), Rollout(2, "finished")],
            Drift = [FleetDrift],
            DetectionDelayCycles = 40,
            FieldRmse = new() { V1Before = 12, V1AfterChange = 30, V2AfterChange = 15, RatioUpper90 = 0.6, Units = 40, Windows = 4000 },
            LoopClosed = true,
        },
        "bad-retrain" => Base(change) with { Models = [Model(1, true), Model(2, false)], Drift = [FleetDrift], DetectionDelayCycles = 40 },
        "one-device" => Base(change) with { Drift = [DeviceDrift], DetectionDelayCycles = 12 },
        _ => Base(change) with { ChangeCycle = null },
    };

    public static ModelFigures Model(int version, bool blessed) => new() { Version = blessed ? version : null, Run = $"pump-rul-r{version}", Blessed = blessed, Reason = blessed ? "better on every slice" : "worse than version 1" };

    public static RolloutFigures Rollout(int version, string outcome) =>
        new($"pump-rul-v{version}", version, [new("shadow", 2, 2, 0, 0, true, 10, 20), new("active", 18, 16, 1, 1, outcome == "finished", 20, 40)], outcome, "the last wave passed");

    private static ReportDocument Base(string change) => new()
    {
        Seed = 1,
        Source = "built-in plant simulator",
        Change = change,
        ChangeCycle = 190,
        Model = "pump-rul",
        Devices = 20,
        Cycles = 1100,
        Seconds = 60,
        Readings = new(1000, 1000, 0, 0, 0, 3),
        Models = [Model(1, true)],
        Rollouts = [Rollout(1, "finished")],
        Drift = [],
        QuietDeviceCycles = 3800,
        FalseAlarms = 0,
        FalseAlarmBudget = 0.01,
        FalseAlarmHorizonDeviceCycles = 24_000,
        FieldRmse = new() { V1Before = 12 },
        FieldCoverage90 = new(0.91, null, null),
        Units = new([], [], [], [], [], new Dictionary<string, string>()),
        LoopClosed = false,
        AsExpected = true,
        Expectations = [],
    };
}
