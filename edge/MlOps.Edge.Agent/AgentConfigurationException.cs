namespace MlOps.Edge.Agent;

/// <summary>The user's configuration does not do. The message is one line that names the thing and the way out.</summary>
internal sealed class AgentConfigurationException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What the process ends with. Default: <see cref="ExitCode.Usage"/>.</summary>
    public int EndsWith { get; init; } = ExitCode.Usage;

    /// <summary>A file that the configuration names is not there, or the system keeps it from being read.</summary>
    /// <param name="what">The file, as a sentence begins.</param>
    public static AgentConfigurationException Unreadable(string what, Exception e) => new($"{what} cannot be read: {e.Message}", e)
    {
        EndsWith = e is FileNotFoundException or DirectoryNotFoundException ? ExitCode.NotFound : ExitCode.Failure,
    };
}

/// <summary>Something on this machine stands in the way, e.g. a folder that cannot be written. The message is one line.</summary>
internal sealed class AgentFailureException(string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>What the process ends with. Default: <see cref="ExitCode.Failure"/>.</summary>
    public int EndsWith { get; init; } = ExitCode.Failure;
}

/// <summary>Looks up a strategy by its name.</summary>
internal static class NamedStrategies
{
    /// <exception cref="AgentConfigurationException">There is none of that name; the choices are listed.</exception>
    public static T Named<T>(this IEnumerable<T> all, string name, Func<T, string> nameOf, string noun) =>
        all.FirstOrDefault(one => string.Equals(nameOf(one), name, StringComparison.OrdinalIgnoreCase))
        ?? throw new AgentConfigurationException($"There is no {noun} '{name}'; choose one of {all.Choices(nameOf)}.");

    public static string Choices<T>(this IEnumerable<T> all, Func<T, string> nameOf) =>
        string.Join(", ", all.Select(nameOf).Order(StringComparer.Ordinal));
}
