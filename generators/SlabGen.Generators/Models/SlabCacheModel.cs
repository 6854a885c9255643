namespace SlabGen.Generators;

/// <summary>
/// All that the writer needs to know about a struct, as text. It compares by value and keeps nothing of the compilation
/// alive. Two edits with equal models have the same file, so the pipeline does not write it again.
/// </summary>
internal sealed record SlabCacheModel
{
    /// <summary>Whether the struct keeps the rules; if not, what replaces its class.</summary>
    public SlabCacheKind Kind { get; init; }

    /// <summary>Whether the class is written. If not, its name is taken and only its pointers are written.</summary>
    public bool HasClass { get; init; } = true;

    /// <summary>The aliases of references whose types the constraints name.</summary>
    public EquatableArray<string> ExternAliases { get; init; }

    /// <summary>The alias of the reference to the runtime; null for most.</summary>
    public string? RuntimeAlias { get; init; }

    /// <summary>
    /// Whether a referenced assembly has a class or pointer of the same name for a struct of the same name. The
    /// generated one hides it.
    /// </summary>
    public bool HidesImported { get; init; }

    /// <summary>The namespace of struct and class as it is written in C#; empty for the global one.</summary>
    public required string Namespace { get; init; }

    /// <summary>The name of the generated class, unescaped.</summary>
    public required string ClassName { get; init; }

    /// <summary><c>public</c> or <c>internal</c>.</summary>
    public required string Accessibility { get; init; }

    /// <summary>The <c>[Obsolete]</c> and <c>[Experimental]</c> that the class has, as they are written.</summary>
    public required EquatableArray<string> Warnings { get; init; }

    /// <summary>The struct's full type, <c>global::Shop.Box&lt;T&gt;</c>.</summary>
    public required string Struct { get; init; }

    /// <summary>The struct's type as a doc comment refers to it, <c>global::Shop.Box{T}</c>.</summary>
    public required string StructCref { get; init; }

    /// <summary>The pointers that are written beside the class.</summary>
    public required EquatableArray<LinkModel> Links { get; init; }

    /// <summary>Whether the project allows unsafe code. Pointers then convert from and to plain ones.</summary>
    public required bool AllowsUnsafe { get; init; }

    /// <summary>The type parameters of the containing types, outermost first, then the struct's own.</summary>
    public required EquatableArray<TypeParameterModel> TypeParameters { get; init; }

    /// <summary>A C# expression for the name that slabinfo shows.</summary>
    public required string CacheName { get; init; }

    /// <summary>How objects lie in slabs; null when the struct's size is not certain.</summary>
    public required SlabGeometry? Geometry { get; init; }

    /// <summary>A C# expression for the runtime that the cache lives in.</summary>
    public required string Runtime { get; init; }

    /// <summary>Initialisers of <c>SlabCacheOptions</c>, one for each option that is set.</summary>
    public required EquatableArray<string> Options { get; init; }

    /// <summary>The names of the options that an attribute sets. No default of the project changes these.</summary>
    public required EquatableArray<string> SetOptions { get; init; }

    /// <summary>When objects are cleared.</summary>
    public required Zeroing Zeroing { get; init; }

    /// <summary>Whether objects can be allocated by handle.</summary>
    public required bool Handles { get; init; }

    /// <summary>The name of the class with the struct's extension members; null when there are none.</summary>
    public required string? ExtensionClass { get; init; }

    /// <summary>Whether only one thread uses the class, so that its slot is a plain static field.</summary>
    public required bool SingleThreaded { get; init; }

    /// <summary>Called for each object of a new slab.</summary>
    public required HookModel? Constructor { get; init; }

    /// <summary>What is called for each object of a slab that is discarded.</summary>
    public required HookModel? Destructor { get; init; }

    /// <summary>Called on every allocation.</summary>
    public required HookModel? Init { get; init; }

    /// <summary>Called on every free.</summary>
    public required HookModel? Fini { get; init; }

    /// <summary>A class and pointers of the same names, without anything of the struct.</summary>
    public SlabCacheModel ToPlaceholder() => this with
    {
        Kind = SlabCacheKind.Placeholder,
        Struct = "",
        StructCref = "",
        TypeParameters = new([.. TypeParameters.Select(static parameter => parameter with { Constraints = "" })]),
        CacheName = "",
        Runtime = "",
        Geometry = null,
        Options = default,
        SetOptions = default,
        Zeroing = Zeroing.None,
        ExtensionClass = null,
        ExternAliases = default,
        Constructor = null,
        Destructor = null,
        Init = null,
        Fini = null,
    };

    /// <summary>The class's full name and arity. Two classes of one program cannot share it.</summary>
    public string Key => KeyOf(ClassName);

    /// <summary>The keys of all types that are written.</summary>
    public IEnumerable<string> Keys =>
        [.. HasClass ? [Key] : Array.Empty<string>(), .. Links.Select(link => KeyOf(link.Name))];

    /// <summary>The model with only some of its types; null when none is left.</summary>
    public SlabCacheModel? Only(Func<string, bool> isWritten)
    {
        if (Keys.All(isWritten))
        {
            return this;
        }

        SlabCacheModel rest = this with { HasClass = HasClass && isWritten(Key),
            Links = new([.. Links.Where(link => isWritten(KeyOf(link.Name)))]) };
        return rest.Keys.Any() ? rest : null;
    }

    private string KeyOf(string name) =>
        (Namespace.Length == 0 ? "" : Namespace.Replace("@", "") + ".") + name
        + (TypeParameters.Count == 0 ? "" : "`" + TypeParameters.Count);
}
