using System.CommandLine;
using MlOps.Edge.Words;

namespace MlOps.Edge.Host.Demo;

/// <summary><c>demo-verify</c>: recomputes a report from the store, in a process of its own.</summary>
internal static class DemoVerifyCommand
{
    public static Command Create()
    {
        var folder = new Argument<string>("DIR") { Description = "The --out folder of a finished demo." }.Filled();
        var sameAs = new Option<string?>("--same-as") { Description = "The --out folder of another run with the same options: everything decided and everything sent must be the same too.", HelpName = "DIR" }.Filled();
        var command = new Command("demo-verify", "Recompute every figure of a demo's report from the store, and the error figures by running the models again.") { folder, sameAs };
        command.SetAction((parsed, cancellationToken) => Guarded.RunAsync(() =>
            new DemoVerification(Path.GetFullPath(parsed.GetValue(folder)!), parsed.GetValue(sameAs) is { } other ? Path.GetFullPath(other) : null).RunAsync(cancellationToken)));
        return command;
    }
}
