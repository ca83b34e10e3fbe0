using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using MlOps.Edge.Agent.Inference;
using MlOps.Edge.Agent.Link;
using MlOps.Edge.Agent.Models;
using MlOps.Edge.Agent.Outbox;
using MlOps.Edge.Agent.Sensing;
using MlOps.Edge.Words;

namespace MlOps.Edge.Agent;

internal static class AgentRegistration
{
    /// <summary>Adds one agent. More sensors and feeds: register an <see cref="ISensorDriver"/> or <see cref="IFeedDriver"/> beside it.</summary>
    /// <exception cref="AgentConfigurationException">An option does not do.</exception>
    public static IServiceCollection AddEdgeAgent(this IServiceCollection services, IConfiguration configuration) =>
        services.AddEdgeAgent(Bind(configuration));

    public static IServiceCollection AddEdgeAgent(this IServiceCollection services, AgentOptions options)
    {
        options.Checked();
        services.TryAddSingleton(TimeProvider.System);
        services.AddLogging();
        services.AddSingleton(options).AddSingleton(options.Link).AddSingleton(options.Outbox).AddSingleton(options.Models);
        services.AddSingleton(AgentIdentity.New(options));
        services.AddSingleton(sp => new Jitter(sp.GetRequiredService<AgentIdentity>().Device));
        services.AddSingleton(_ => new StateFolder(options.StateFolder));
        return services.AddSensing().AddLink().AddModels().AddSingleton<AgentRuntime>();
    }

    private static AgentOptions Bind(IConfiguration configuration)
    {
        try
        {
            return configuration.Get<AgentOptions>() ?? new();
        }
        catch (InvalidOperationException e)
        {
            throw new AgentConfigurationException(ExpectedValue.InSettings(e.Message, CommandLine.Name) ?? e.Message, e);
        }
    }

    private static IServiceCollection AddSensing(this IServiceCollection services)
    {
        services.AddSingleton<ISensorDriver, ReplaySensorDriver>();
        services.AddSingleton<StopLength>().AddSingleton<IFeedDriver, SampledFeedDriver>();
        services.AddSingleton<IReadOnlyList<IMachineFeed>>(sp =>
        {
            var (drivers, outbox) = (sp.GetServices<IFeedDriver>(), sp.GetRequiredService<Outbox.Outbox>());
            return [.. sp.GetRequiredService<AgentOptions>().Sensing.Assets.Select(asset =>
                drivers.Named(asset.Driver, d => d.Name, "machine driver").Open(asset, outbox.Resume(Contracts.AssetId.Parse(asset.Id!)).Point))];
        });
        services.AddSingleton<LiveModels>();
        services.AddSingleton(sp =>
        {
            var (outbox, options) = (sp.GetRequiredService<Outbox.Outbox>(), sp.GetRequiredService<AgentOptions>());
            AssetPipeline[] pipelines = [.. sp.GetRequiredService<IReadOnlyList<IMachineFeed>>().Select(feed =>
                new AssetPipeline(feed, options.Inference.HistoryFrames, outbox.Resume(feed.Asset), sp.GetRequiredService<ProbationWatch>()))];
            return new FrameLine(pipelines, sp.GetRequiredService<LiveModels>(), sp.GetRequiredService<CommitBuffer>(), sp.GetRequiredService<CommitRule>(), sp.GetRequiredService<SessionClock>());
        });
        services.AddSingleton(sp => new CommitBuffer(sp.GetRequiredService<Outbox.Outbox>(), sp.GetRequiredService<OutboxOptions>(),
            sp.GetRequiredService<AgentOptions>().Inference.HistoryFrames, sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<StreamChoice>().AddSingleton<CommitRule>().AddSingleton<SessionClock>();
        return services;
    }

    private static IServiceCollection AddLink(this IServiceCollection services)
    {
        services.AddSingleton(sp =>
        {
            var (folder, options) = (sp.GetRequiredService<StateFolder>(), sp.GetRequiredService<AgentOptions>());
            var logger = sp.GetRequiredService<ILogger<Outbox.Outbox>>();
            var (connection, fault) = OutboxFile.Open(folder.Path, logger);
            return new Outbox.Outbox(connection, fault, sp.GetRequiredService<AgentIdentity>(), options.Outbox, options.Inference.HistoryFrames, sp.GetRequiredService<TimeProvider>(),
                damage => OutboxFile.Renew(folder.Path, damage, logger));
        });
        services.AddSingleton<MqttLink>().AddSingleton<ICloudLink>(sp => sp.GetRequiredService<MqttLink>());
        services.AddSingleton(sp => new InFlight(sp.GetRequiredService<OutboxOptions>().AckTimeout, sp.GetRequiredService<Jitter>(), sp.GetRequiredService<TimeProvider>()));
        services.AddSingleton<OutboxPump>();
        services.AddSingleton<IReportContent, AgentReport>();
        services.AddSingleton(sp =>
        {
            var reporter = ActivatorUtilities.CreateInstance<Reporter>(sp);
            sp.GetRequiredService<FrameLine>().Changed.Raised += reporter.Change;
            sp.GetRequiredService<ModelSlots>().Changed.Raised += reporter.Change;
            sp.GetRequiredService<BlobFetcher>().Changed.Raised += reporter.Change;
            sp.GetRequiredService<TrustedKeys>().Changed.Raised += reporter.Change;
            sp.GetRequiredService<Outbox.Outbox>().Troubled.Raised += reporter.Change;
            return reporter;
        });
        services.AddSingleton<CloudTraffic>();
        services.AddSingleton<IAgentLoop>(sp => sp.GetRequiredService<MqttLink>()).AddSingleton<IAgentLoop>(sp => sp.GetRequiredService<OutboxPump>())
            .AddSingleton<IAgentLoop>(sp => sp.GetRequiredService<Reporter>()).AddSingleton<IAgentLoop>(sp => sp.GetRequiredService<ModelUpdater>());
        services.AddSingleton<IInbox, AcknowledgementInbox>().AddSingleton<IInbox>(sp => sp.GetRequiredService<ModelUpdater>())
            .AddSingleton<IInbox>(sp => sp.GetRequiredService<BlobFetcher>()).AddSingleton<IInbox>(sp => sp.GetRequiredService<TrustedKeys>());
        return services;
    }

    private static IServiceCollection AddModels(this IServiceCollection services)
    {
        services.AddSingleton(sp => new BlobStore(sp.GetRequiredService<StateFolder>().Path));
        services.AddSingleton(sp => new ModelLedger(sp.GetRequiredService<StateFolder>().Path));
        services.AddSingleton(sp => new TrustedKeys(sp.GetRequiredService<ModelOptions>(), sp.GetRequiredService<LinkOptions>(),
            sp.GetRequiredService<StateFolder>().Path, sp.GetRequiredService<ILogger<TrustedKeys>>()));
        return services.AddSingleton<BlobFetcher>().AddSingleton<ModelSource>().AddSingleton<ModelTrial>().AddSingleton<ProbationWatch>()
            .AddSingleton<ModelSlots>().AddSingleton<ModelUpdater>();
    }
}
