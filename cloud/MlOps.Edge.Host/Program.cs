using System.CommandLine;
using MlOps.Edge.Host;
using MlOps.Edge.Host.Demo;

NativeEnvironment.Prepare();

var root = new RootCommand("The cloud of MLOps for machines that wear out: serve it, or watch the whole loop once round.")
{
    ServeCommand.Create(),
    DemoCommand.Create(),
    DemoVerifyCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new() { EnableDefaultExceptionHandler = false });
