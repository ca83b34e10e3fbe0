using System.CommandLine;
using System.CommandLine.Help;
using System.Text.Json;
using MlOps.Edge.Cli.Cloud;
using MlOps.Edge.Cli.Commands;
using MlOps.Edge.Cli.Output;
using MlOps.Edge.Cli.Usage;

namespace MlOps.Edge.Cli;

/// <summary><c>mlops noun verb</c>: the commands, and what every one of them shares.</summary>
internal sealed class MlOpsCli
{
    private readonly CliEnvironment _environment;

    public MlOpsCli(CliEnvironment environment)
    {
        _environment = environment;
        Root = new("The fleet, its models and rollouts, from a terminal. Everything goes over the cloud's REST API.")
        {
            Options.Url,
            Options.Output,
            new Noun("device", "Devices of the fleet") { DeviceList.Create(this), DeviceShow.Create(this), DeviceRelease.Create(this) },
            new Noun("model", "Models, their versions and their loop")
            {
                ModelList.Create(this), ModelShow.Create(this), ModelHistory.Create(this), ModelDefine.Create(this), ModelTrain.Create(this),
                ModelReissue.Create(this),
            },
            new Noun("rollout", "Rollouts of model versions, in waves")
            {
                RolloutList.Create(this), RolloutShow.Create(this), RolloutStart.Create(this),
                RolloutOrders.Pause(this), RolloutOrders.Resume(this), RolloutOrders.Abort(this),
            },
            new Noun("drift", "What has moved in the field") { DriftShow.Create(this) },
            new Noun("event", "What maintenance did and found") { EventAdd.Create(this), EventList.Create(this) },
            new Noun("telemetry", "Readings: now, of a span, and as they come")
            {
                TelemetryLatest.Create(this), TelemetryTail.Create(this), TelemetryQuery.Create(this), TelemetryExport.Create(this), TelemetryGaps.Create(this),
                DeadLetterList.Create(this), DeadLetterShow.Create(this),
            },
            BackupTake.Create(this),
            BackupRestore.Create(this),
        };
        var help = Root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    public RootCommand Root { get; }

    public TimeProvider Time => _environment.Time;

    /// <summary>For answers that come piece by piece.</summary>
    public TextWriter Output => _environment.Output;

    /// <summary>For answers that are not text.</summary>
    public Stream OpenStandardOutput() => _environment.OutputBytes();

    /// <summary>Progress and warnings: beside the answer, never in it.</summary>
    public TextWriter Progress => _environment.Error;

    public async Task<int> RunAsync(IReadOnlyList<string> args, CancellationToken cancellationToken = default)
    {
        var parsed = Root.Parse(args);
        try
        {
            if (parsed.Errors.Count > 0 && parsed.Action is not HelpWithExamples)
            {
                throw new CliException(ExitCode.Usage, UsageError.Explain(parsed));
            }

            if (parsed.Action is not HelpWithExamples && Options.OutputFault(parsed) is { } fault)
            {
                throw new CliException(ExitCode.Usage, fault);
            }

            return await parsed.InvokeAsync(
                new() { Output = _environment.Output, Error = _environment.Error, EnableDefaultExceptionHandler = false }, cancellationToken);
        }
        catch (CliException e)
        {
            await _environment.Error.WriteLineAsync($"error: {e.Message}");
            return e.ExitCode;
        }
        catch (JsonException e)
        {
            await _environment.Error.WriteLineAsync($"error: the cloud's document is not one that this version of the tool knows ({e.Path ?? "unreadable"}); -o json shows it as it is.");
            return ExitCode.Failure;
        }
        catch (OperationCanceledException)
        {
            await _environment.Error.WriteLineAsync("error: interrupted; what the cloud was asked for goes on there.");
            return ExitCode.Failure;
        }
    }

    /// <summary>Asks the cloud, then prints its document as it is, or as the verb shows it.</summary>
    public async Task<int> ShowAsync(ParseResult parsed, Func<CloudClient, Task<CloudAnswer>> ask, Action<CloudAnswer, Screen> show)
    {
        using var cloud = Connect(parsed);
        return Show(parsed, await ask(cloud), show);
    }

    /// <param name="beside">The standard output has something else: this goes to the standard error.</param>
    public int Show(ParseResult parsed, CloudAnswer answer, Action<CloudAnswer, Screen> show, bool beside = false)
    {
        var environment = beside ? _environment with { Output = _environment.Error, Width = null, Colours = false } : _environment;
        if (parsed.GetValue(Options.Output) == OutputFormat.Json)
        {
            environment.Output.WriteLine(answer.Indented());
        }
        else
        {
            show(answer, new Screen(environment));
        }

        return ExitCode.Ok;
    }

    public CloudClient Connect(ParseResult parsed)
    {
        var variable = _environment.Variable("MLOPS_URL");
        var url = parsed.GetValue(Options.Url) ?? (string.IsNullOrWhiteSpace(variable) ? Options.DefaultUrl : variable);
        return Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? new(uri)
            : throw new CliException(ExitCode.Usage, $"'{url}' is not a URL of a cloud, e.g. {Options.DefaultUrl} (--url or MLOPS_URL).");
    }
}
