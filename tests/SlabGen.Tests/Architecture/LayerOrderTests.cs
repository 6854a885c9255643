using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace SlabGen.Tests.Architecture;

/// <summary>
/// A layer uses only layers below it, read off the compiled assembly: every type that a type's fields, signatures or
/// method bodies name lies in the same folder or in one that the list names earlier.
/// </summary>
public sealed class LayerOrderTests
{
    /// <summary>The folders of src/SlabGen, lowest first; the empty one is the root, which ties them together.</summary>
    private static readonly string[] s_layers =
    [
        "Annotations", "Memory", "Events", "Guards", "Rcu", "Zones", "Pages", "Metadata", "Checking", "Slabs", "Magazines", "Caches", "Reclaim", "References", "Kmalloc", "Pools", "Metrics", "", "CompilerServices", "Diagnostics",
    ];

    [Fact]
    public void EveryFolder_IsALayerOfTheList_AndTheReadmeNamesThemInOrder()
    {
        string source = Path.Combine(RepositoryRoot.Path, "src", "SlabGen");
        Assert.Subset(s_layers.ToHashSet(), Directory.GetDirectories(source).Where(HasCode).Select(d => Path.GetFileName(d)).ToHashSet());

        string readme = File.ReadAllText(Path.Combine(source, "README.md"));
        int[] places = [.. s_layers.Where(l => l.Length > 0 && l != "Annotations").Select(l => readme.IndexOf($"`{l}/`", StringComparison.Ordinal))];
        Assert.DoesNotContain(-1, places);
        Assert.Equal(places.Order(), places);
    }

    // Not MSBuild files, nor pages.
    private static bool HasCode(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Any();

    [Fact]
    public void NoType_NamesATypeOfAHigherLayer() => Assert.Empty(Violations(s_layers));

    [Fact]
    public void TheCheck_SeesAWrongOrder()
    {
        Assert.Contains("Slabs/CacheSlabs uses Pages/PageAllocator", Violations(Swapped("Pages", "Slabs")));
        Assert.Contains("Caches/KmemCache uses Magazines/ThreadCache", Violations(Swapped("Magazines", "Caches")));
        Assert.Contains("Rcu/GracePeriods uses Memory/UninterruptibleLock", Violations(Swapped("Memory", "Rcu")));
    }

    private static string[] Swapped(string lower, string higher) =>
        [.. s_layers.Select(layer => layer == lower ? higher : layer == higher ? lower : layer)];

    private static SortedSet<string> Violations(string[] layers)
    {
        Dictionary<string, int> layerOf = LayersByTypeName(layers);
        using var assembly = new PEReader(File.OpenRead(typeof(SlabRuntime).Assembly.Location));
        MetadataReader metadata = assembly.GetMetadataReader();
        var violations = new SortedSet<string>(StringComparer.Ordinal);

        foreach (TypeDefinitionHandle handle in metadata.TypeDefinitions)
        {
            if (!layerOf.TryGetValue(IntermediateLanguage.OutermostName(metadata, handle), out int layer))
            {
                continue; // the compiler's own
            }

            foreach (TypeDefinitionHandle used in TypesUsedBy(assembly, metadata, handle))
            {
                if (layerOf.TryGetValue(IntermediateLanguage.OutermostName(metadata, used), out int usedLayer) && usedLayer > layer)
                {
                    violations.Add($"{layers[layer]}/{IntermediateLanguage.OutermostName(metadata, handle)} uses {layers[usedLayer]}/{IntermediateLanguage.OutermostName(metadata, used)}");
                }
            }
        }

        return violations;
    }

    /// <summary>A type's layer is the folder of the file that declares it.</summary>
    private static Dictionary<string, int> LayersByTypeName(string[] layerNames)
    {
        string source = Path.Combine(RepositoryRoot.Path, "src", "SlabGen");
        var layers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string file in Directory.EnumerateFiles(source, "*.cs", SearchOption.AllDirectories))
        {
            string folder = Path.GetRelativePath(source, Path.GetDirectoryName(file)!);
            int layer = Array.IndexOf(layerNames, folder == "." ? "" : folder);
            foreach (System.Text.RegularExpressions.Match match in System.Text.RegularExpressions.Regex.Matches(
                File.ReadAllText(file), @"^(?:public|internal) (?:[a-z]+ )*?(?:class|struct|interface|enum|record struct|record class|record) (\w+)(?:<([^<>]*)>)?", System.Text.RegularExpressions.RegexOptions.Multiline))
            {
                layers[NameOf(match.Groups[1].Value, match.Groups[2])] = layer;
            }
        }

        return layers;
    }

    /// <summary>As metadata has it: <c>KmemCache`1</c> lies in another layer than <c>KmemCache</c>.</summary>
    private static string NameOf(string name, System.Text.RegularExpressions.Group parameters) =>
        parameters.Success ? $"{name}`{parameters.Value.Split(',').Length}" : name;

    private static HashSet<TypeDefinitionHandle> TypesUsedBy(PEReader assembly, MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var used = new TypeCollector(metadata);
        TypeDefinition type = metadata.GetTypeDefinition(handle);
        used.Add(type.BaseType);
        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            metadata.GetFieldDefinition(field).DecodeSignature(used, null);
        }

        foreach (MethodDefinitionHandle methodHandle in type.GetMethods())
        {
            MethodDefinition method = metadata.GetMethodDefinition(methodHandle);
            method.DecodeSignature(used, null);
            if (method.RelativeVirtualAddress == 0)
            {
                continue;
            }

            MethodBodyBlock body = assembly.GetMethodBody(method.RelativeVirtualAddress);
            if (!body.LocalSignature.IsNil)
            {
                metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(used, null);
            }

            foreach (EntityHandle token in IntermediateLanguage.TokensIn(body.GetILBytes()!))
            {
                used.Add(token);
            }
        }

        return used.Types;
    }

    /// <summary>Collects every type of this assembly that a signature or a token names.</summary>
    private sealed class TypeCollector(MetadataReader metadata) : ISignatureTypeProvider<int, object?>
    {
        public HashSet<TypeDefinitionHandle> Types { get; } = [];

        public void Add(EntityHandle handle)
        {
            if (handle.IsNil)
            {
                return;
            }

            switch (handle.Kind)
            {
                case HandleKind.TypeDefinition:
                    Types.Add((TypeDefinitionHandle)handle);
                    break;
                case HandleKind.TypeSpecification:
                    metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(this, null);
                    break;
                case HandleKind.MethodDefinition:
                    Types.Add(metadata.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.FieldDefinition:
                    Types.Add(metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                    break;
                case HandleKind.MemberReference:
                    Add(metadata.GetMemberReference((MemberReferenceHandle)handle).Parent);
                    break;
                case HandleKind.MethodSpecification:
                    MethodSpecification generic = metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                    generic.DecodeSignature(this, null);
                    Add(generic.Method);
                    break;
            }
        }

        public int GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            Types.Add(handle);
            return 0;
        }

        public int GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind)
        {
            Add(handle);
            return 0;
        }

        public int GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => 0;

        public int GetPrimitiveType(PrimitiveTypeCode typeCode) => 0;

        public int GetSZArrayType(int elementType) => 0;

        public int GetArrayType(int elementType, ArrayShape shape) => 0;

        public int GetByReferenceType(int elementType) => 0;

        public int GetPointerType(int elementType) => 0;

        public int GetPinnedType(int elementType) => 0;

        public int GetModifiedType(int modifier, int unmodifiedType, bool isRequired) => 0;

        public int GetFunctionPointerType(MethodSignature<int> signature) => 0;

        public int GetGenericInstantiation(int genericType, ImmutableArray<int> typeArguments) => 0;

        public int GetGenericMethodParameter(object? genericContext, int index) => 0;

        public int GetGenericTypeParameter(object? genericContext, int index) => 0;
    }
}
