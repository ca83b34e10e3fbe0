using System.CommandLine;
using System.Net;
using MlOps.Edge.Agent;
using MlOps.Edge.Contracts.Storage;
using MlOps.Edge.Simulator.Cloud;
using MlOps.Edge.Simulator.Fleet;
using MlOps.Edge.Simulator.Live;
using MlOps.Edge.Simulator.Recorded;
using MlOps.Edge.Simulator.Scenario;
using MlOps.Edge.Simulator.Story;
using MlOps.Edge.Words;

namespace MlOps.Edge.Simulator;

/// <summary>The command line: the plant by the clock, or, with <c>story</c>, in virtual time.</summary>
internal static class SimulatorCommand
{
    private static readonly Option<int> Devices = new("--devices") { Description = "How many devices, each a real agent.", DefaultValueFactory = _ => 20 };
    private static readonly Option<long> Seed = new("--seed") { Description = "Everything that is drawn comes from it.", DefaultValueFactory = _ => 1 };
    private static readonly Option<string> Changing = new("--change") { Description = "What happens to the fleet: new-fault, none, one-device, bad-retrain." };
    private static readonly Option<string?> Data = new Option<string?>("--data") { Description = "A folder of recordings (C-MAPSS, or first.csv and second.csv). Default: the built-in plant." }.Filled();
    private static readonly Option<string> Machine = new("--machine") { Description = "The built-in plant's machines: pump or bearing.", DefaultValueFactory = _ => "pump" };
    private static readonly Option<string> Cloud = new("--cloud") { Description = "Where the cloud's REST API is.", DefaultValueFactory = _ => "http://127.0.0.1:5080" };
    private static readonly Option<string> Broker = new("--broker") { Description = "HOST:PORT of the MQTT broker.", DefaultValueFactory = _ => "127.0.0.1:1883" };
    private static readonly Option<string> State = new Option<string>("--state") { Description = "Where the agents keep their state, and the plant its books.", DefaultValueFactory = _ => "simulator-state" }.Filled();
    private static readonly Option<int?> Ticks = new("--ticks") { Description = "Cycles to live at most." };

    public static RootCommand Create()
    {
        var pace = new Option<double>("--pace") { Description = "Seconds a cycle.", DefaultValueFactory = _ => 1 };
        var loop = new Option<bool>("--loop") { Description = "Have the cloud train a model from the plant's history, roll it out and keep it in the loop." };
        var root = new RootCommand("Real agents over machines that wear out, by the clock. They speak to the cloud as any agent does.") { Devices, Seed, Changing, Data, Machine, Cloud, Broker, State, Ticks, pace, loop };
        root.SetAction((parsed, cancellationToken) => GuardedAsync(() => LiveAsync(parsed, parsed.GetValue(pace), parsed.GetValue(loop), cancellationToken)));
        var withStarter = new Option<bool>("--end-with-input") { Description = "End when standard input ends: whoever holds its other end is gone.", Hidden = true };
        var story = new Command("story", "The whole loop in virtual time, in lockstep with a cloud that runs in virtual time ('demo' starts both).") { Devices, Seed, Changing, Data, Machine, Cloud, Broker, State, Ticks, withStarter };
        story.SetAction((parsed, cancellationToken) => GuardedAsync(() =>
            StoryAsync(parsed, parsed.GetValue(withStarter) ? Starter.Watch(Console.OpenStandardInput()) : CancellationToken.None, cancellationToken)));
        root.Add(story);
        var check = new Command("check", "Whether the machines and the plan can be drawn: reads the recordings and ends.") { Devices, Seed, Changing, Data, Machine, Cloud, Broker, State, Ticks };
        check.SetAction((parsed, _) => GuardedAsync(() =>
        {
            var settings = StorySettings(parsed, Path.GetFullPath);
            var pools = settings.Draw(machines => machines).Source.Pools;
            Console.WriteLine($"{settings.Devices} devices over the {settings.Source}: {pools.History.Count} machines of history, {pools.First.Count} for the field and {pools.Second.Count} with another fault mode.");
            return Task.CompletedTask;
        }));
        root.Add(check);
        return root;
    }

    private static async Task LiveAsync(ParseResult parsed, double pace, bool withLoop, CancellationToken cancellationToken)
    {
        if (pace is not (>= 0.001 and <= 3600))
        {
            throw new ScenarioException($"--pace is {pace} seconds a cycle; take 0.001 to 3600");
        }

        var settings = Settings(parsed, "none", _ => 20_000, Folder);
        var (source, plan) = settings.Draw(machines => new TimeLapse(machines, TimeSpan.FromSeconds(pace)));
        using var http = new HttpClient { BaseAddress = settings.Cloud, Timeout = TimeSpan.FromSeconds(10) };
        await new LiveFleet(settings, source, plan, new(http), withLoop, TimeProvider.System, Console.Out).RunAsync(cancellationToken);
    }

    private static async Task StoryAsync(ParseResult parsed, CancellationToken starterGone, CancellationToken cancellationToken)
    {
        var settings = StorySettings(parsed, Folder);
        var (source, plan) = settings.Draw(machines => machines);
        using var http = new HttpClient { BaseAddress = settings.Cloud, Timeout = TimeSpan.FromMinutes(10) };
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(starterGone, cancellationToken);
        try
        {
            await new StoryConductor(settings, source, plan, new(http), line => line.Print()).RunAsync(ending.Token);
        }
        catch (OperationCanceledException) when (starterGone.IsCancellationRequested)
        {
            throw new AgentFailureException("What started the story has ended, and the story with it.");
        }
    }

    private static FleetSettings StorySettings(ParseResult parsed, Func<string, string> folder) =>
        Settings(parsed, "new-fault", change => StoryLength.Of(change, parsed.GetValue(Data) is not null), folder);

    private static FleetSettings Settings(ParseResult parsed, string change, Func<Change, int> ticks, Func<string, string> folder)
    {
        var chosen = FleetOptions.ParseChange(parsed.GetValue(Changing) ?? change);
        var (host, port) = HostAndPort(parsed.GetValue(Broker)!);
        return new()
        {
            Devices = parsed.GetValue(Devices) is var devices and >= 1 and <= 5000 ? devices : throw new ScenarioException($"--devices is {parsed.GetValue(Devices)}; take 1 to 5000"),
            Seed = parsed.GetValue(Seed),
            Change = chosen,
            Ticks = parsed.GetValue(Ticks) is var wanted and not < 1 ? wanted ?? ticks(chosen) : throw new ScenarioException($"--ticks is {parsed.GetValue(Ticks)}; take 1 or more"),
            Data = parsed.GetValue(Data) is { } data ? Path.GetFullPath(data) : null,
            Machine = parsed.GetValue(Machine)!,
            Cloud = Uri.TryCreate(parsed.GetValue(Cloud), UriKind.Absolute, out var cloud) && cloud.Scheme is "http" or "https"
                ? cloud
                : throw new ScenarioException($"--cloud is '{parsed.GetValue(Cloud)}'; write http://HOST:PORT"),
            BrokerHost = host,
            BrokerPort = port,
            State = folder(parsed.GetValue(State)!),
        };
    }

    private static (string Host, int Port) HostAndPort(string text)
    {
        var colon = text.LastIndexOf(':');
        return colon > 0 && int.TryParse(text.AsSpan(colon + 1), out var port) && port is > 0 and <= 65535
            ? (text[..colon], port)
            : throw new ScenarioException($"--broker is '{text}'; write HOST:PORT, e.g. 127.0.0.1:1883");
    }

    private static string Folder(string folder)
    {
        try
        {
            Durable.CreateFolder(folder);
            return Path.GetFullPath(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw StateFolder.Unwritable(folder, e);
        }
    }

    private static async Task<int> GuardedAsync(Func<Task> action)
    {
        try
        {
            await action();
            return ExitCode.Success;
        }
        catch (RecordingException e)
        {
            return Say(e, e.EndsWith);
        }
        catch (Exception e) when (e is OtherPlanException or CloudException { Status: HttpStatusCode.Conflict } or AgentFailureException { EndsWith: ExitCode.Conflict })
        {
            return Say(e, ExitCode.Conflict);
        }
        catch (Exception e) when (e is ScenarioException or ArgumentException or AgentConfigurationException)
        {
            return Say(e, ExitCode.Usage);
        }
        catch (Exception e) when (e is CloudException or AgentFailureException)
        {
            return Say(e, ExitCode.Failure);
        }
    }

    private static int Say(Exception e, int exitCode)
    {
        Console.Error.WriteLine(e.Message);
        return exitCode;
    }
}
