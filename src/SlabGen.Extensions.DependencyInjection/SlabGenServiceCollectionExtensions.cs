using Microsoft.Extensions.DependencyInjection.Extensions;
using SlabGen;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers slab caches with a container.</summary>
public static class SlabGenServiceCollectionExtensions
{
    /// <summary>
    /// Registers a <see cref="SlabRuntime"/> and, for any unmanaged type, a <see cref="KmemCache{T}"/> in it, as
    /// singletons. The container ends the caches and then the runtime. What is live then goes to
    /// <see cref="SlabRuntime.LeaksFound"/>, and stays mapped. Services that are registered already stay as they are.
    /// </summary>
    /// <remarks>
    /// A container cannot make a generic class of a struct in a program that is compiled ahead of time: there, each
    /// type needs <see cref="AddSlabCache"/>. Without it the container says that it is "Unable to create a generic
    /// service".
    /// </remarks>
    /// <param name="services">The services.</param>
    /// <param name="configure">Changes the options, <c>options => options with { … }</c>. They start as those that
    /// <c>runtimeconfig.json</c> sets, and the defaults.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSlabGen(this IServiceCollection services,
        Func<SlabRuntimeOptions, SlabRuntimeOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(_ =>
        {
            SlabRuntimeOptions options = SlabRuntimeOptions.FromRuntimeConfig();
            return new SlabRuntime(configure is null ? options : configure(options));
        });
        services.TryAddSingleton(typeof(KmemCache<>), typeof(KmemCache<>));
        return services;
    }

    /// <summary>
    /// Registers the cache of one type, with a name and options. It also calls <see cref="AddSlabGen"/> if that was not
    /// called.
    /// </summary>
    /// <typeparam name="T">The type of the objects.</typeparam>
    /// <param name="services">The services.</param>
    /// <param name="name">A name without white space; by default the type's name.</param>
    /// <param name="options">How the cache is laid out and how much it keeps.</param>
    /// <returns>The services.</returns>
    public static IServiceCollection AddSlabCache<T>(this IServiceCollection services, string? name = null,
        SlabCacheOptions? options = null)
        where T : unmanaged
    {
        services.AddSlabGen();
        return services.AddSingleton(provider =>
            new KmemCache<T>(provider.GetRequiredService<SlabRuntime>(), name, options));
    }
}
