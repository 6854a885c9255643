using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SlabGen.Tests.Architecture;

/// <summary>
/// Proves, off the compiled assembly, that other types ask a <see cref="KmemCache"/> and do not reach past it into its magazines, its slabs and its deferred frees.
/// Catches another way home beside <see cref="KmemCache.TakeHome"/>, with a rule of its own for errors.
/// </summary>
public sealed class CacheIsAskedTests
{
    private static readonly string[] s_parts = ["get_Magazines", "get_Slabs", "get_Deferred"];

    [Fact]
    public void Only_a_cache_itself_calls_its_parts() => Assert.DoesNotContain(Callers(of: s_parts), caller => !caller.StartsWith("KmemCache.", StringComparison.Ordinal));

    [Fact]
    public void The_check_sees_a_caller() => Assert.Contains("DirectReclaim.ErrorsOf calls get_Pending", Callers(of: ["get_Pending"]));

    private static SortedSet<string> Callers(string[] of)
    {
        using var assembly = new PEReader(File.OpenRead(typeof(SlabRuntime).Assembly.Location));
        MetadataReader metadata = assembly.GetMetadataReader();
        var callers = new SortedSet<string>(StringComparer.Ordinal);
        foreach (TypeDefinitionHandle type in metadata.TypeDefinitions)
        {
            foreach (MethodDefinitionHandle handle in metadata.GetTypeDefinition(type).GetMethods())
            {
                MethodDefinition method = metadata.GetMethodDefinition(handle);
                if (method.RelativeVirtualAddress == 0)
                {
                    continue;
                }

                foreach (EntityHandle token in IntermediateLanguage.TokensIn(assembly.GetMethodBody(method.RelativeVirtualAddress).GetILBytes()!))
                {
                    if (token.Kind == HandleKind.MethodDefinition && PartOf(metadata, (MethodDefinitionHandle)token, of) is { } part)
                    {
                        callers.Add($"{IntermediateLanguage.OutermostName(metadata, type)}.{metadata.GetString(method.Name)} calls {part}");
                    }
                }
            }
        }

        return callers;
    }

    private static string? PartOf(MetadataReader metadata, MethodDefinitionHandle handle, string[] parts)
    {
        MethodDefinition method = metadata.GetMethodDefinition(handle);
        string name = metadata.GetString(method.Name);
        return parts.Contains(name) && metadata.GetString(metadata.GetTypeDefinition(method.GetDeclaringType()).Name) == nameof(KmemCache) ? name : null;
    }
}
