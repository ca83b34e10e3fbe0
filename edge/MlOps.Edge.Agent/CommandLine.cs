using System.Collections.Frozen;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace MlOps.Edge.Agent;

internal static class ExitCode
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;
    public const int NotFound = 3;

    /// <summary>It contradicts what stands, or another holds it.</summary>
    public const int Conflict = 5;
}

/// <summary>What the user may write: options on the command line, in the environment, in appsettings.agent.json; the first counts most.</summary>
internal static class CommandLine
{
    public const string EnvironmentPrefix = "MLOPS_AGENT__";

    private static readonly FrozenDictionary<string, string> Aliases = new Dictionary<string, string>
    {
        ["--host"] = "Link:Host",
        ["--port"] = "Link:Port",
        ["--device"] = "Device",
        ["--group"] = "Group",
        ["--state"] = "StateFolder",
        ["--kind"] = "Sensing:Assets:0:MachineKind",
        ["--replay"] = "Sensing:Assets:0:Sensors:0:Settings:File",
        ["--interval"] = "Sensing:Assets:0:SampleInterval",
        ["--pace"] = "Sensing:Assets:0:Pace",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>A key with the short option for it, where there is one.</summary>
    public static string Name(string key) => Aliases.FirstOrDefault(alias => string.Equals(alias.Value, key, StringComparison.OrdinalIgnoreCase)).Key is { } option ? $"{key} ({option})" : key;

    private static readonly string[] Keys =
    [
        "Device", "Group", "TelemetryOnly", "StateFolder",
        "Link:Host", "Link:Port", "Link:KeepAlive", "Link:Timeout", "Link:FirstRetry", "Link:LongestRetry", "Link:ReportDelay", "Link:ReportInterval", "Link:ReportTimeout",
        "Outbox:BatchFrames", "Outbox:ShortestBatchAge", "Outbox:LongestBatchAge", "Outbox:MaxBytes", "Outbox:MaxAge", "Outbox:MaxBatchBytes", "Outbox:RefusedKept", "Outbox:HeldBytes", "Outbox:Window", "Outbox:AckTimeout", "Outbox:BacklogAfter",
        "Inference:HistoryFrames",
        "Models:MaxModelBytes", "Models:MaxBlobBytes", "Models:TrustedKeys:N", "Models:TrustOnFirstUse", "Models:AllowedOperators:N", "Models:ProbationPredictions",
        "Models:BlobWindow", "Models:BlobTimeout", "Models:BlobRetry", "Models:BlobAttempts", "Models:LatencySlack", "Models:MemorySlack",
        "Models:Graph:Nodes", "Models:Graph:Tensors", "Models:Graph:Elements", "Models:Graph:FoldedElements", "Models:Graph:Rank", "Models:Graph:Fan", "Models:Graph:NameBytes", "Models:Graph:TreeDepth",
        "Sensing:LongestStop", "Sensing:Assets:N:Id", "Sensing:Assets:N:MachineKind", "Sensing:Assets:N:Driver", "Sensing:Assets:N:Installation", "Sensing:Assets:N:SampleInterval", "Sensing:Assets:N:Pace",
        "Sensing:Assets:N:Settings:NAME", "Sensing:Assets:N:Sensors:N:Driver", "Sensing:Assets:N:Sensors:N:Settings:NAME",
        "Logging:LogLevel:NAME",
    ];

    public static string Help => $"""
        mlops edge agent: samples machines, predicts on the device, keeps what it saw until the cloud has it.

        usage: MlOps.Edge.Agent [options]

          --host NAME        the MQTT broker (localhost)
          --port NUMBER      its port (1883)
          --device ID        this device (the machine's name)
          --group NAME       its fleet group (default)
          --state FOLDER     outbox, models, keys ({"<local application data>/mlops-edge-agent/<device>"})
          --kind NAME        the kind of the first machine
          --replay FILE      a CSV recording for it; header channel[unit],…
          --interval TIME    between two frames, hh:mm:ss (00:00:01)
          --pace TIME        between two frames of a recording that is played faster
          --help             this text

        Every setting can be given as --Section:Name VALUE, as {EnvironmentPrefix}Section__Name in the environment, or as JSON
        in appsettings.agent.json in the working folder:

          {string.Join("\n  ", Keys)}

        exit codes: 0 stopped in order, 1 failure, 2 usage, configuration or a file is wrong, 3 a file is not there, 5 another agent holds the state folder
        """;

    public static bool AsksForHelp(string[] args) => args.Any(arg => arg is "--help" or "-h" or "-?" or "help");

    /// <summary>appsettings.json beside the program and in the working folder, then the environment, then the arguments.</summary>
    /// <exception cref="AgentConfigurationException">An argument is not an option, or a file is not JSON.</exception>
    public static void AddAgentSources(this IConfigurationBuilder configuration, string[] args)
    {
        var arguments = Parse(args);
        var sources = new ConfigurationBuilder()
            .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
            .AddJsonFile(Path.GetFullPath("appsettings.agent.json"), optional: true)
            .AddEnvironmentVariables(EnvironmentPrefix)
            .AddInMemoryCollection(arguments);
        IConfigurationRoot settings;
        try
        {
            settings = sources.Build();
        }
        catch (InvalidDataException e)
        {
            throw new AgentConfigurationException($"{e.Message} {e.InnerException?.Message}".TrimEnd(), e);
        }

        var unknown = settings.AsEnumerable().FirstOrDefault(pair => pair.Value is not null && !IsKnown(pair.Key));
        if (unknown.Key is not null)
        {
            throw Unknown(unknown.Key);
        }

        configuration.AddConfiguration(settings);
    }

    /// <summary>One line per message, times left to whoever keeps the log.</summary>
    public static void AddAgentConsole(this ILoggingBuilder logging, IConfiguration configuration)
    {
        logging.AddConfiguration(configuration.GetSection("Logging"));
        logging.AddSimpleConsole(console => console.SingleLine = true);
    }

    private static Dictionary<string, string?> Parse(string[] args)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < args.Length; i++)
        {
            var (name, value) = args[i].IndexOf('=') is > 0 and var at ? (args[i][..at], args[i][(at + 1)..]) : (args[i], null);
            if (!name.StartsWith("--", StringComparison.Ordinal))
            {
                throw Unknown(name);
            }

            var key = Aliases.GetValueOrDefault(name, name[2..]);
            if (!IsKnown(key))
            {
                throw Unknown(name);
            }

            value ??= ++i < args.Length ? args[i] : throw new AgentConfigurationException($"{name} needs a value.");
            values[key] = string.IsNullOrWhiteSpace(value) ? throw new AgentConfigurationException($"{name} is empty; give it a value, or leave it out.") : value;
        }

        return values;
    }

    private static bool IsKnown(string key) => Keys.Any(known => Matches(known.Split(':'), key.Split(':')));

    private static bool Matches(string[] known, string[] key) =>
        (known.Length == key.Length || (known[^1] == "NAME" && key.Length > known.Length)) && known.Zip(key).All(pair => pair.First switch
        {
            "N" => pair.Second.Length > 0 && pair.Second.All(char.IsAsciiDigit),
            "NAME" => pair.Second.Length > 0,
            var word => string.Equals(word, pair.Second, StringComparison.OrdinalIgnoreCase),
        });

    private static AgentConfigurationException Unknown(string name) =>
        new($"There is no option '{name}'; the options are {string.Join(", ", Aliases.Keys.Order(StringComparer.Ordinal))} and --Section:Name (see --help).");
}
