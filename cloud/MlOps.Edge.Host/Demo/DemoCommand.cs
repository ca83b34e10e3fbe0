using System.CommandLine;
using MlOps.Edge.Words;

namespace MlOps.Edge.Host.Demo;

/// <summary><c>demo</c>: the whole loop once round, with a report at the end.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var data = new Option<string?>("--data") { Description = "A folder of recordings, e.g. NASA C-MAPSS. Default: the built-in plant simulator." }.Filled();
        var devices = new Option<int>("--devices") { Description = "How many devices, each a real agent; 10 or more.", DefaultValueFactory = _ => 20 };
        var seed = new Option<int>("--seed") { Description = "The same seed gives the same run.", DefaultValueFactory = _ => 1 };
        var change = new Option<string>("--change") { Description = "What happens to the world: new-fault, none, one-device, bad-retrain.", DefaultValueFactory = _ => "new-fault" };
        var folder = new Option<string>("--out") { Description = "Where the run's files go.", DefaultValueFactory = _ => "demo-out" }.Filled();
        var keep = new Option<bool>("--keep-running") { Description = "Leave the cloud running at the end, to look around." };
        var command = new Command("demo", "The loop, once round: devices, predictions, drift, retraining, gate, waves. In virtual time, with real agents over real MQTT.") { data, devices, seed, change, folder, keep };
        command.SetAction((parsed, cancellationToken) => Guarded.RunAsync(() => new DemoRun(new()
        {
            Data = parsed.GetValue(data) is { } path ? Path.GetFullPath(path) : null,
            Devices = parsed.GetValue(devices) is var count and >= 10 and <= 2000 ? count : throw new UserErrorException($"--devices is {parsed.GetValue(devices)}; take 10 to 2000: of fewer machines too few can be compared for a verdict on drift.", ExitCodes.Usage),
            Seed = parsed.GetValue(seed) is var number and >= 0 ? number : throw new UserErrorException($"--seed is {parsed.GetValue(seed)}; take 0 or more.", ExitCodes.Usage),
            Change = DemoOptions.Changes.Contains(parsed.GetValue(change)) ? parsed.GetValue(change)!
                : throw new UserErrorException($"There is no change '{parsed.GetValue(change)}'; choose one of {string.Join(", ", DemoOptions.Changes)}.", ExitCodes.Usage),
            Out = Path.GetFullPath(parsed.GetValue(folder)!),
            KeepRunning = parsed.GetValue(keep),
        }).RunAsync(cancellationToken)));
        return command;
    }
}
