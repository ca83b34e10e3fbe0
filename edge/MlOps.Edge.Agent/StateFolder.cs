using MlOps.Edge.Contracts.Storage;

namespace MlOps.Edge.Agent;

/// <summary>The agent's folder, held by one agent at a time.</summary>
internal sealed class StateFolder : IDisposable
{
    private readonly FileStream _lock;

    /// <exception cref="AgentFailureException">The folder cannot be written, or another agent holds it.</exception>
    public StateFolder(string path)
    {
        Path = path;
        try
        {
            Durable.CreateFolder(path);
            _lock = new FileStream(System.IO.Path.Combine(path, "agent.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException e)
        {
            throw Unwritable(path, e);
        }
        catch (IOException e) when (Directory.Exists(path) && File.Exists(System.IO.Path.Combine(path, "agent.lock")))
        {
            throw new AgentFailureException($"The state folder '{path}' is in use by another agent; give this one its own with --state.", e) { EndsWith = ExitCode.Conflict };
        }
        catch (IOException e)
        {
            throw Unwritable(path, e);
        }
    }

    public string Path { get; }

    public void Dispose() => _lock.Dispose();

    /// <summary>A folder that cannot be made or written, in one line.</summary>
    public static AgentFailureException Unwritable(string path, Exception e) => File.Exists(path)
        ? new($"The state folder '{path}' cannot be written: it is a file. Choose another with --state.", e)
        : new($"The state folder '{path}' cannot be written ({(e is FileNotFoundException ? "nothing can be made there" : e.Message.TrimEnd('.'))}); choose another with --state.", e);
}
